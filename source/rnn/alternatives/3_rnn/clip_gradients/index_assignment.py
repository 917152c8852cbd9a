"""Loops with a running sum of squares; assigns through a slice."""


def clip_gradients(parameters, max_norm):
    parameters, squares = list(parameters), 0.0
    for parameter in parameters:
        if parameter.grad is None:
            continue
        squares += (parameter.grad.detach().double() ** 2).sum()
    norm = torch.sqrt(torch.as_tensor(squares))
    for parameter in parameters:
        if parameter.grad is not None and norm > max_norm:
            parameter.grad[...] = parameter.grad / norm * max_norm
    return norm
