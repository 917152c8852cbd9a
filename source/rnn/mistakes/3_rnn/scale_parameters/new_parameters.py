"""You put new parameters in the place of the old ones, so whoever holds the old ones, such as an optimiser, sees no change.

Change the numbers inside: parameter.copy_(...) under torch.no_grad().
"""
# loses: test_scale_parameters
# category: not in place


def scale_parameters(layer, original, weight_scale, bias_scale):
    for name, parameter in list(layer.named_parameters()):
        scale = weight_scale if parameter.dim() > 1 else bias_scale
        owner = layer
        *path, last = name.split(".")
        for part in path:
            owner = owner[int(part)] if part.isdigit() else owner[part] if hasattr(owner, "keys") else getattr(owner, part)
        new = nn.Parameter(scale * original[name])
        if isinstance(owner, nn.ParameterDict):
            owner[last] = new
        else:
            setattr(owner, last, new)
