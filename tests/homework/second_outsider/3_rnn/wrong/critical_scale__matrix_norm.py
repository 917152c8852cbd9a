def critical_scale(layer):
    W = torch.as_tensor(recurrent_matrix(layer))
    return float(1.0 / torch.linalg.matrix_norm(W, 2))
