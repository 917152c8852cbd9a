"""You scale only the square matrix; the others are weights too.

Every parameter with two dimensions is a weight.
"""
# loses: test_scale_parameters
# category: parameter left out


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if parameter.dim() == 1:
                parameter.copy_(bias_scale * original[name])
            elif parameter.shape[0] == parameter.shape[1]:
                parameter.copy_(weight_scale * original[name])
