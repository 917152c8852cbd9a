def scale_parameters(layer, original, weight_scale, bias_scale):
    with torch.no_grad():
        for name, p in layer.named_parameters():
            if p.dim() == 2:
                p.mul_(weight_scale)
            else:
                p.mul_(bias_scale)
