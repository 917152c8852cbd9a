"""Pairs parameters with originals by their order."""


def scale_parameters(layer, original, weight_scale, bias_scale):
    for parameter, source in zip(layer.parameters(), original.values()):
        parameter.data.copy_(source).mul_(weight_scale if len(parameter.shape) == 2 else bias_scale)
