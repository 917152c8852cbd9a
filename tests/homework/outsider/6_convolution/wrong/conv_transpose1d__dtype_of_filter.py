# wrong: the zeros take the dtype of the filter, so with an integer filter and a fractional signal every sum is cut off to an integer; use a floating-point dtype.
def conv_transpose1d(x, w, stride=1):
    """Upsample a signal by a transposed convolution without padding.

    Args:
        x: The signal, a NumPy array of shape (N,), of floats or integers.
        w: The filter, a NumPy array of shape (K,), of floats or integers.
        stride: How many entries one stamp starts after the other, an integer >= 1.

    Returns:
        y: The sum of all stamps, of shape ((N - 1) * stride + K,).
    """
    y = np.zeros((len(x) - 1) * stride + len(w), dtype=w.dtype)
    for i in range(len(x)):
        for j in range(len(w)):
            y[i * stride + j] += x[i] * w[j]
    return y
