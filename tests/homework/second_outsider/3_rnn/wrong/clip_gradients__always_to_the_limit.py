def clip_gradients(parameters, max_norm):
    grads = [p.grad for p in parameters if p.grad is not None]
    norm = math.sqrt(sum(float((g ** 2).sum()) for g in grads))
    for g in grads:
        g *= max_norm / (norm + 1e-12)
    return norm
