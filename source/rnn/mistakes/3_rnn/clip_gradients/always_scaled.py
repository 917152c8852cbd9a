"""You also scale gradients that are short enough: they become longer.

Scale only if the norm is above max_norm.
"""
# loses: test_clip_gradients
# category: condition missing


def clip_gradients(parameters, max_norm):
    found = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = sum(float(gradient.square().sum()) for gradient in found) ** 0.5
    for gradient in found:
        gradient *= max_norm / norm
    return norm
