"""You scale the parameters, not their gradients.

Work on parameter.grad.
"""
# loses: test_clip_gradients
# category: wrong tensor


def clip_gradients(parameters, max_norm):
    found = [parameter for parameter in parameters if parameter.grad is not None]
    norm = sum(float(parameter.grad.square().sum()) for parameter in found) ** 0.5
    if norm > max_norm:
        for parameter in found:
            parameter.data *= max_norm / norm
    return norm
