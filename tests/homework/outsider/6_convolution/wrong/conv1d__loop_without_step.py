# wrong: an infinite loop, since the while loop never moves the start on; i += stride is missing.
def conv1d(x, w, stride=1):
    """Convolve a signal with a filter that is not flipped, without padding.

    Args:
        x: The signal, a NumPy array of shape (N,), of floats or integers.
        w: The filter, a NumPy array of shape (K,), K <= N, of floats or integers.
        stride: How many entries the filter moves at a time, an integer >= 1.

    Returns:
        y: The outputs, of shape ((N - K) // stride + 1,).
    """
    y = np.zeros((len(x) - len(w)) // stride + 1)
    i = 0
    n = 0
    while i + len(w) <= len(x):
        y[n] = np.dot(x[i:i + len(w)], w)
    return y
