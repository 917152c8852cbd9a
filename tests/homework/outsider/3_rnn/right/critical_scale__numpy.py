# right: through NumPy, with max over a list comprehension
def critical_scale(layer):
    """Return the factor that brings the largest eigenvalue of W_h to magnitude 1.

    Args:
        layer: an RNNLayer; it is left as it is.

    Returns:
        A positive number.
    """
    W = np.asarray(torch.as_tensor(recurrent_matrix(layer)).detach().cpu(), dtype=np.float64)
    return float(1.0 / max(abs(eigenvalue) for eigenvalue in np.linalg.eigvals(W)))
