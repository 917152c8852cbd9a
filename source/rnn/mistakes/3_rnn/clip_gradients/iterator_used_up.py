"""You go through the parameters twice, but model.parameters() is an iterator: the second time it is empty, and nothing is scaled.

Make a list of them first.
"""
# loses: test_clip_gradients
# category: iterator


def clip_gradients(parameters, max_norm):
    with_gradient = (parameter for parameter in parameters if parameter.grad is not None)
    norm = sum(float((parameter.grad**2).sum()) for parameter in with_gradient) ** 0.5
    if norm > max_norm:
        for parameter in parameters:
            if parameter.grad is not None:
                parameter.grad *= max_norm / norm
    return norm
