"""You divide by the largest entry of W_h; its eigenvalues are something else.

Use torch.linalg.eigvals.
"""
# loses: test_critical_scale
# category: entries


def critical_scale(layer):
    W = torch.as_tensor(recurrent_matrix(layer)).detach()
    return 1 / W.abs().max().item()
