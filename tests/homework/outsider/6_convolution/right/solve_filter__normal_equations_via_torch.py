# right: a detour through torch, the pseudo-inverse of the unfolded signal
def solve_filter(x, y):
    """Find the filter that maps x to y with stride 1 and no padding, by least squares.

    Args:
        x: The signal, a NumPy array of shape (N,).
        y: The outputs, a NumPy array of shape (M,), M <= N.

    Returns:
        w: The filter, not flipped, of shape (N - M + 1,).
    """
    K = x.shape[0] - y.shape[0] + 1
    X = torch.from_numpy(np.array(x, dtype=np.float64)).unfold(0, K, 1)
    return torch.linalg.pinv(X) @ torch.from_numpy(np.array(y, dtype=np.float64))
