"""Scales a copy by bisection until its largest magnitude is 1."""


def critical_scale(layer):
    W = torch.as_tensor(recurrent_matrix(layer)).detach()
    low, high = 0.0, 1e6
    largest = lambda c: torch.linalg.eigvals(c * W.double()).abs().max().item()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if largest(middle) < 1 else (low, middle)
    return low
