"""You bring the mean magnitude of the eigenvalues to 1; the largest one decides whether something explodes.

Take the maximum in place of the mean.
"""
# loses: test_critical_scale
# category: eigenvalue


def critical_scale(layer):
    W = torch.as_tensor(recurrent_matrix(layer)).detach()
    eigenvalues = torch.linalg.eigvals(W)
    return 1 / eigenvalues.abs().mean().item()
