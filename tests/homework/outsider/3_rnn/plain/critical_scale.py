def critical_scale(layer):
    """Return the factor that brings the largest eigenvalue of W_h to magnitude 1.

    Args:
        layer: an RNNLayer; it is left as it is.

    Returns:
        A positive number.
    """
    W = torch.as_tensor(recurrent_matrix(layer)).detach()
    return 1 / torch.linalg.eigvals(W).abs().max().item()
