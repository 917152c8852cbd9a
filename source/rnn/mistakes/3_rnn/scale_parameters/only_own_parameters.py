"""You scale the parameters of the module itself, but not those of its parts, such as an nn.Linear inside it.

named_parameters() finds both unless recurse=False.
"""
# loses: test_scale_parameters
# category: nested modules


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, parameter in layer.named_parameters(recurse=False):
            scale = weight_scale if parameter.dim() > 1 else bias_scale
            parameter.copy_(scale * original[name])
