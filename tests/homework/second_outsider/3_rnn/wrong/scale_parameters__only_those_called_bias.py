def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, param in layer.named_parameters():
            scale = bias_scale if "bias" in name else weight_scale
            param.copy_(original[name] * scale)
