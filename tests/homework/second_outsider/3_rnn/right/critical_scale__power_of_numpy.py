def critical_scale(layer):
    W = np.asarray(torch.as_tensor(recurrent_matrix(layer)).detach().cpu(), dtype=np.float64)
    return 1.0 / max(abs(complex(v)) for v in np.linalg.eigvals(W))
