# right: sliding_window_view and a matrix product, without a loop
def conv1d(x, w, stride=1):
    """Convolve a signal with a filter that is not flipped, without padding.

    Args:
        x: The signal, a NumPy array of shape (N,), of floats or integers.
        w: The filter, a NumPy array of shape (K,), K <= N, of floats or integers.
        stride: How many entries the filter moves at a time, an integer >= 1.

    Returns:
        y: The outputs, of shape ((N - K) // stride + 1,).
    """
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[0])
    return windows[::stride] @ w
