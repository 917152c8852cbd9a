# wrong: writes the stamps over each other with = ; where they overlap they are to be added, +=.
def conv_transpose1d(x, w, stride=1):
    """Upsample a signal by a transposed convolution without padding.

    Args:
        x: The signal, a NumPy array of shape (N,), of floats or integers.
        w: The filter, a NumPy array of shape (K,), of floats or integers.
        stride: How many entries one stamp starts after the other, an integer >= 1.

    Returns:
        y: The sum of all stamps, of shape ((N - 1) * stride + K,).
    """
    N, K = len(x), len(w)
    y = np.zeros((N - 1) * stride + K)
    for i in range(N):
        y[i * stride:i * stride + K] = x[i] * w
    return y
