def clip_gradients(parameters, max_norm):
    total = 0.0
    for p in parameters:
        if p.grad is None:
            continue
        n = p.grad.norm().item()
        total += n ** 2
        if n > max_norm:
            p.grad.mul_(max_norm / n)
    return total ** 0.5
