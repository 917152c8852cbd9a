"""You return the eigenvalues of W_h, not W_h.

The tool computes the eigenvalues itself; return the (H, H) matrix.
"""
# loses: test_recurrent_matrix
# category: shape


def recurrent_matrix(layer):
    return torch.linalg.eigvals(layer.W_h.weight.detach()).abs()
