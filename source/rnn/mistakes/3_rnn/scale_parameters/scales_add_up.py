"""You scale what the last position of the slider left behind, so the scales multiply up.

Nothing but `original` and the scale may decide the new value: start from `original` each time.
"""
# loses: test_scale_parameters
# category: wrong factor


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.mul_(weight_scale if parameter.dim() > 1 else bias_scale)
