def clip_gradients(parameters, max_norm):
    grads = [p.grad for p in filter(lambda p: p.grad is not None, parameters)]
    if not grads:
        return 0.0
    total = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in grads])).item()
    torch._foreach_mul_(grads, min(1.0, max_norm / total) if total else 1.0)
    return total
