"""You return the largest magnitude itself; the factor that brings it to 1 is its inverse.

Think of a matrix whose largest |lambda| is 2: half of it has 1.
"""
# loses: test_critical_scale
# category: inverse missing


def critical_scale(layer):
    W = torch.as_tensor(recurrent_matrix(layer)).detach()
    eigenvalues = torch.linalg.eigvals(W)
    return eigenvalues.abs().max().item()
