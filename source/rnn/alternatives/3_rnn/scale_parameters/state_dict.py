"""Builds a state dict and loads it."""


def scale_parameters(layer, original, weight_scale, bias_scale):
    scales = {1: bias_scale, 2: weight_scale}
    layer.load_state_dict({name: value * scales[value.dim()] for name, value in original.items()})
