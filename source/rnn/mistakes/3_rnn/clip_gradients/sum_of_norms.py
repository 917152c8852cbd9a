"""You add up the norms of the parameters' gradients. The norm of one long vector is the root of the sum of squares.

Square, add, and take the root at the end.
"""
# loses: test_clip_gradients
# category: norm


def clip_gradients(parameters, max_norm):
    found = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = sum(float(gradient.norm()) for gradient in found)
    if norm > max_norm:
        for gradient in found:
            gradient *= max_norm / norm
    return norm
