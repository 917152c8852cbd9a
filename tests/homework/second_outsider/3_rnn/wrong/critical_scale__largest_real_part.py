def critical_scale(layer):
    W = recurrent_matrix(layer)
    lam = torch.linalg.eigvals(W)
    return 1 / lam.real.max().item()
