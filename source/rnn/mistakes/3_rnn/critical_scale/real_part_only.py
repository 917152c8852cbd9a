"""You look at the real parts of the eigenvalues only, so one that rotates (complex) or flips (negative) is taken for smaller than it is.

The magnitude of a complex number is its .abs().
"""
# loses: test_critical_scale
# category: eigenvalue


def critical_scale(layer):
    W = torch.as_tensor(recurrent_matrix(layer)).detach()
    eigenvalues = torch.linalg.eigvals(W)
    return 1 / eigenvalues.real.max().item()
