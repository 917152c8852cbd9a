"""You set every parameter to the scale itself, so all entries become equal.

A scale is a factor: multiply the original values by it.
"""
# loses: test_scale_parameters
# category: wrong factor


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(weight_scale if parameter.dim() > 1 else bias_scale)
