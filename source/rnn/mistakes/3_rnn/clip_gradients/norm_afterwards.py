"""You return the norm after clipping; the norm BEFORE is asked for, because it tells whether anything exploded.

Keep the norm that you measured first.
"""
# loses: test_clip_gradients
# category: wrong norm


def clip_gradients(parameters, max_norm):
    found = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = sum(float(gradient.square().sum()) for gradient in found) ** 0.5
    if norm > max_norm:
        for gradient in found:
            gradient *= max_norm / norm
    return min(norm, max_norm)
