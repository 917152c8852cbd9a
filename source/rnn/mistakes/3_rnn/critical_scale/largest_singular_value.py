"""You divide by the largest singular value (the spectral norm), which is never smaller than the largest |lambda| and often larger.

Use eigenvalues: they say what repeated multiplication does.
"""
# loses: test_critical_scale
# category: singular value


def critical_scale(layer):
    W = torch.as_tensor(recurrent_matrix(layer)).detach()
    return 1 / torch.linalg.matrix_norm(W, 2).item()
