"""You cut off each entry by itself (clamp), which turns the step into another direction.

Scale all gradients by one factor, max_norm / norm.
"""
# loses: test_clip_gradients
# category: clamped


def clip_gradients(parameters, max_norm):
    found = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = sum(float(gradient.square().sum()) for gradient in found) ** 0.5
    if norm > max_norm:
        for gradient in found:
            gradient.clamp_(-max_norm, max_norm)
    return norm
