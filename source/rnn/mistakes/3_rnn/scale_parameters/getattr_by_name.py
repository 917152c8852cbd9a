"""Your function stops at a module that has parts, such as an nn.Linear inside it: the names of their parameters contain dots, and getattr(layer, name) or layer[name] does not find them.

named_parameters() gives the name and the parameter itself.
"""
# loses: test_scale_parameters
# category: nested modules


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            scale = weight_scale if parameter.dim() > 1 else bias_scale
            getattr(layer, name).copy_(scale * original[name])
