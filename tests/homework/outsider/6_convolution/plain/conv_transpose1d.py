def conv_transpose1d(x, w, stride=1):
    """Upsample a signal by a transposed convolution without padding.

    Args:
        x: The signal, a NumPy array of shape (N,), of floats or integers.
        w: The filter, a NumPy array of shape (K,), of floats or integers.
        stride: How many entries one stamp starts after the other, an integer >= 1.

    Returns:
        y: The sum of all stamps, of shape ((N - 1) * stride + K,).
    """
    y = np.zeros((len(x) - 1) * stride + len(w))
    for i in range(len(x)):
        y[i * stride : i * stride + len(w)] += x[i] * w
    return y
