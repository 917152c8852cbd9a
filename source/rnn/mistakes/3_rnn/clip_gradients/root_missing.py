"""You compare the sum of squares with max_norm; the norm is its square root.

Take ** 0.5 of the sum.
"""
# loses: test_clip_gradients
# category: norm


def clip_gradients(parameters, max_norm):
    found = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = sum(float(gradient.square().sum()) for gradient in found)
    if norm > max_norm:
        for gradient in found:
            gradient *= max_norm / norm
    return norm
