"""You add the scale to the original values.

A scale is a factor: multiply by it.
"""
# loses: test_scale_parameters
# category: wrong factor


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            parameter.copy_(original[name] + (weight_scale if parameter.dim() > 1 else bias_scale))
