def clip_gradients(parameters, max_norm):
    """Scale the gradients of parameters in place, all by one factor, so that their common norm is at most max_norm.

    Args:
        parameters: an iterable of parameters, such as model.parameters(); those whose grad is None are skipped.
        max_norm: the largest norm allowed, of all gradients taken as one vector.

    Returns:
        The norm before clipping, as a number.
    """
    grads = [p.grad for p in parameters if p.grad is not None]
    norm = sum((g**2).sum().item() for g in grads) ** 0.5
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / norm)
    return norm
