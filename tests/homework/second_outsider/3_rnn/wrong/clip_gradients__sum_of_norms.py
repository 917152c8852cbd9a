def clip_gradients(parameters, max_norm):
    parameters = [p for p in parameters if p.grad is not None]
    norm = sum(p.grad.norm() for p in parameters) if parameters else torch.tensor(0.0)
    if norm > max_norm:
        for p in parameters:
            p.grad *= max_norm / norm
    return float(norm)
