"""Your function never writes to a parameter, so the slider does nothing.

Is the line that sets the parameters commented out, or does it only give a new value to a local variable?
"""
# loses: test_scale_parameters
# category: slider does nothing


def scale_parameters(layer, original, weight_scale, bias_scale):
    for name, parameter in layer.named_parameters():
        scale = weight_scale if parameter.dim() > 1 else bias_scale
        # parameter.data = scale * original[name]
