"""You use a function for symmetric matrices (eigvalsh), which reads one triangle of W_h and ignores the other.

W_h is not symmetric: use torch.linalg.eigvals.
"""
# loses: test_critical_scale
# category: eigenvalue


def critical_scale(layer):
    W = torch.as_tensor(recurrent_matrix(layer)).detach()
    return 1 / torch.linalg.eigvalsh(W).abs().max().item()
