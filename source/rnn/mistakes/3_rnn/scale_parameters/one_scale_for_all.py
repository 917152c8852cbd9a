"""You scale everything, biases included, by weight_scale.

Biases have a scale of their own.
"""
# loses: test_scale_parameters
# category: wrong factor


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            parameter.copy_(weight_scale * original[name])
