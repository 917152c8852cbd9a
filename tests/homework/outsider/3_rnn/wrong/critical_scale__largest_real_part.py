# wrong: takes the largest real part instead of the largest magnitude, so negative or complex eigenvalues are missed; use .abs().
def critical_scale(layer):
    """Return the factor that brings the largest eigenvalue of W_h to magnitude 1.

    Args:
        layer: an RNNLayer; it is left as it is.

    Returns:
        A positive number.
    """
    W = recurrent_matrix(layer)
    eigenvalues = torch.linalg.eigvals(W)
    return 1.0 / eigenvalues.real.max().item()
