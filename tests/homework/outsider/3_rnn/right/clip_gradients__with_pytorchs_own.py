# right: uses nn.utils.clip_grad_norm_, whose factor differs from the formula by about 1e-6, and returns its tensor
def clip_gradients(parameters, max_norm):
    """Scale the gradients of parameters in place, all by one factor, so that their common norm is at most max_norm.

    Args:
        parameters: an iterable of parameters, such as model.parameters(); those whose grad is None are skipped.
        max_norm: the largest norm allowed, of all gradients taken as one vector.

    Returns:
        The norm before clipping, as a number.
    """
    return nn.utils.clip_grad_norm_(list(parameters), max_norm)
