# wrong: goes through `parameters` twice, but an iterator such as model.parameters() is empty the second time, so nothing is ever scaled; make a list first.
def clip_gradients(parameters, max_norm):
    """Scale the gradients of parameters in place, all by one factor, so that their common norm is at most max_norm.

    Args:
        parameters: an iterable of parameters, such as model.parameters(); those whose grad is None are skipped.
        max_norm: the largest norm allowed, of all gradients taken as one vector.

    Returns:
        The norm before clipping, as a number.
    """
    norm = sum(p.grad.pow(2).sum() for p in parameters if p.grad is not None)
    norm = float(norm) ** 0.5
    if norm > max_norm:
        for p in parameters:
            if p.grad is not None:
                p.grad.mul_(max_norm / norm)
    return norm
