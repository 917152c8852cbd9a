"""You bring the smallest |lambda| to 1; the largest one decides whether something explodes.

Take the maximum of the magnitudes.
"""
# loses: test_critical_scale
# category: eigenvalue


def critical_scale(layer):
    W = torch.as_tensor(recurrent_matrix(layer)).detach()
    eigenvalues = torch.linalg.eigvals(W)
    return 1 / eigenvalues.abs().min().item()
