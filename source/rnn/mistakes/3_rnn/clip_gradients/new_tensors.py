"""You put new tensors in the place of the gradients; whoever holds the old ones sees no change.

Scale in place: parameter.grad.mul_(factor).
"""
# loses: test_clip_gradients
# category: not in place


def clip_gradients(parameters, max_norm):
    found = [parameter for parameter in parameters if parameter.grad is not None]
    norm = sum(float(parameter.grad.square().sum()) for parameter in found) ** 0.5
    if norm > max_norm:
        for parameter in found:
            parameter.grad = parameter.grad * (max_norm / norm)
    return norm
