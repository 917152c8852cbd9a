# right: the old style with .data and a match statement on the shape
def scale_parameters(layer, original, weight_scale, bias_scale):
    """Set the parameters of a layer, in place, to multiples of their original values.

    Args:
        layer: any nn.Module. Its parameters with two dimensions are weights, those with one dimension are biases.
        original: a dict from each name in layer.named_parameters() to a copy of that parameter's original value.
        weight_scale: every weight becomes weight_scale times its original value.
        bias_scale: every bias becomes bias_scale times its original value.
    """
    for name, parameter in layer.named_parameters():
        match tuple(parameter.shape):
            case (_, _):
                factor = weight_scale
            case (_,):
                factor = bias_scale
            case other:
                raise ValueError(f"{name} has the shape {other}")
        parameter.data[...] = original[name].detach() * factor
