def scale_parameters(layer, original, weight_scale, bias_scale):
    factor = {1: bias_scale, 2: weight_scale}
    for name, p in layer.named_parameters():
        p.data[...] = factor[p.ndim] * original[name].data
