"""You never scale the biases, so the second slider does nothing.

Every parameter with one dimension becomes bias_scale times its original value.
"""
# loses: test_scale_parameters
# category: parameter left out


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if parameter.dim() > 1:
                parameter.copy_(weight_scale * original[name])
