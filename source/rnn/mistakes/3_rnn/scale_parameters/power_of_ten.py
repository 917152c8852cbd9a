"""You scale by 10 to the power of the slider; the slider's value is the factor itself.

At position 2 every weight should be twice its original value, not a hundred times.
"""
# loses: test_scale_parameters
# category: wrong factor


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            scale = weight_scale if parameter.dim() > 1 else bias_scale
            parameter.copy_(10**scale * original[name])
