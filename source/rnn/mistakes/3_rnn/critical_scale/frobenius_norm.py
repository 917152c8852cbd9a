"""You divide by the Frobenius norm, the root of the sum of all squared entries, which has little to do with the eigenvalues.

Use torch.linalg.eigvals.
"""
# loses: test_critical_scale
# category: norm


def critical_scale(layer):
    W = torch.as_tensor(recurrent_matrix(layer)).detach()
    return 1 / W.norm().item()
