"""You take for a bias what has "bias" in its name, and for a weight everything else: a bias under another name is scaled as a weight.

Tell weights from biases by their number of dimensions.
"""
# loses: test_scale_parameters
# category: parameters told by their names


def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            parameter.copy_(original[name] * (bias_scale if "bias" in name.lower() else weight_scale))
