"""You clip the gradient of each parameter by itself, which turns the step into another direction.

Take one norm of all gradients together, and one factor for all.
"""
# loses: test_clip_gradients
# category: one norm each


def clip_gradients(parameters, max_norm):
    found = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = sum(float(gradient.square().sum()) for gradient in found) ** 0.5
    for gradient in found:
        if gradient.norm() > max_norm:
            gradient *= max_norm / gradient.norm()
    return norm
