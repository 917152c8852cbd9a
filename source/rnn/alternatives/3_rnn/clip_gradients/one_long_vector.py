"""One concatenated vector gives the norm; mul_ scales."""


def clip_gradients(parameters, max_norm):
    grads = [p.grad for p in list(parameters) if p.grad is not None]
    if not grads:
        return 0.0
    total = torch.linalg.vector_norm(torch.cat([g.reshape(-1) for g in grads]))
    factor = (max_norm / total).clamp(max=1.0)
    for g in grads:
        g.mul_(factor)
    return total.item()
