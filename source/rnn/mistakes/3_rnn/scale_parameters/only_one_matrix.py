"""You scale only one of the matrices.

Every parameter with two dimensions is a weight: do not stop at the first.
"""
# loses: test_scale_parameters
# category: parameter left out


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        weights = 0
        for name, parameter in layer.named_parameters():
            if parameter.dim() == 1:
                parameter.copy_(bias_scale * original[name])
            elif weights == 0:
                parameter.copy_(weight_scale * original[name])
                weights += 1
