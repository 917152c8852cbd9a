# wrong: clips each gradient by its own norm; one common norm and one factor for all keeps the direction of the step.
def clip_gradients(parameters, max_norm):
    """Scale the gradients of parameters in place, all by one factor, so that their common norm is at most max_norm.

    Args:
        parameters: an iterable of parameters, such as model.parameters(); those whose grad is None are skipped.
        max_norm: the largest norm allowed, of all gradients taken as one vector.

    Returns:
        The norm before clipping, as a number.
    """
    total = 0.0
    for p in parameters:
        if p.grad is None:
            continue
        norm = p.grad.norm().item()
        total += norm ** 2
        if norm > max_norm:
            p.grad.mul_(max_norm / norm)
    return total ** 0.5
