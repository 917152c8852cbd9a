# wrong: np.convolve flips the filter, and the convention of this notebook is not to; np.correlate, or w[::-1], does what is asked.
def conv1d(x, w, stride=1):
    """Convolve a signal with a filter that is not flipped, without padding.

    Args:
        x: The signal, a NumPy array of shape (N,), of floats or integers.
        w: The filter, a NumPy array of shape (K,), K <= N, of floats or integers.
        stride: How many entries the filter moves at a time, an integer >= 1.

    Returns:
        y: The outputs, of shape ((N - K) // stride + 1,).
    """
    full = np.convolve(x, w, mode="valid")
    return full[::stride]
