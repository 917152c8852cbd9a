"""You measure the largest entry of all gradients; the norm is the root of the sum of all squares.

Square, add over all gradients, and take the root.
"""
# loses: test_clip_gradients
# category: norm


def clip_gradients(parameters, max_norm):
    found = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = max((float(gradient.abs().max()) for gradient in found), default=0.0)
    if norm > max_norm:
        for gradient in found:
            gradient *= max_norm / norm
    return norm
