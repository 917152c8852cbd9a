"""Assigns to .data and tells biases by ndim."""


def scale_parameters(layer, original, weight_scale, bias_scale):
    for name, parameter in layer.named_parameters():
        if parameter.ndim == 1:
            parameter.data = original[name] * bias_scale
        else:
            parameter.data = original[name] * weight_scale
