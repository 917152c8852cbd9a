def scale_parameters(layer, original, weight_scale, bias_scale):
    """Set the parameters of a layer, in place, to multiples of their original values.

    Args:
        layer: any nn.Module. Its parameters with two dimensions are weights, those with one dimension are biases.
        original: a dict from each name in layer.named_parameters() to a copy of that parameter's original value.
        weight_scale: every weight becomes weight_scale times its original value.
        bias_scale: every bias becomes bias_scale times its original value.
    """
    with torch.no_grad():
        for key, p in layer.named_parameters():
            p.copy_((weight_scale if p.dim() == 2 else bias_scale) * original[key])
