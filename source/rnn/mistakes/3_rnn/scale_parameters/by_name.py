"""You look for "weight" and "bias" in the names of the parameters, so the slider does nothing for a layer with other names.

Tell weights from biases by their number of dimensions.
"""
# loses: test_scale_parameters
# category: slider does nothing


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if "weight" in name:
                parameter.copy_(weight_scale * original[name])
            elif "bias" in name:
                parameter.copy_(bias_scale * original[name])
