"""You scale the weights by bias_scale and the biases by weight_scale.

A bias is the parameter with one dimension; look at your condition.
"""
# loses: test_scale_parameters
# category: wrong factor


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            scale = bias_scale if parameter.dim() > 1 else weight_scale
            parameter.copy_(scale * original[name])
