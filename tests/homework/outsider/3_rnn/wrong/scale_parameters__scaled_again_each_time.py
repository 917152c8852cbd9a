# wrong: multiplies what the parameters are now instead of their original values, so moving the slider twice scales twice.
def scale_parameters(layer, original, weight_scale, bias_scale):
    """Set the parameters of a layer, in place, to multiples of their original values.

    Args:
        layer: any nn.Module. Its parameters with two dimensions are weights, those with one dimension are biases.
        original: a dict from each name in layer.named_parameters() to a copy of that parameter's original value.
        weight_scale: every weight becomes weight_scale times its original value.
        bias_scale: every bias becomes bias_scale times its original value.
    """
    with torch.no_grad():
        for name, p in layer.named_parameters():
            if p.dim() == 2:
                p.mul_(weight_scale)
            else:
                p.mul_(bias_scale)
