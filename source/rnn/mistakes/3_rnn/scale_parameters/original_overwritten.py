"""You change the tensors in `original`, so the next call starts from values that are already scaled.

Leave `original` as it is: scale * original[name] makes a new tensor.
"""
# loses: test_scale_parameters
# category: input changed in place


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            scale = weight_scale if parameter.dim() > 1 else bias_scale
            parameter.copy_(original[name].mul_(scale))
