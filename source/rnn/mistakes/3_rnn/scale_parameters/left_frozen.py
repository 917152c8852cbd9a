"""After your function the parameters are frozen (requires_grad is False), so they get no gradient any more.

Use torch.no_grad() around the copying in place of switching requires_grad off.
"""
# loses: test_scale_parameters
# category: frozen parameters


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            scale = weight_scale if parameter.dim() > 1 else bias_scale
            parameter.requires_grad_(False)
            parameter.copy_(scale * original[name])
