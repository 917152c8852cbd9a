# wrong: solves the first K equations exactly and ignores the others, which is only right without noise (and not possible with fewer than K); least squares uses them all.
def solve_filter(x, y):
    """Find the filter that maps x to y with stride 1 and no padding, by least squares.

    Args:
        x: The signal, a NumPy array of shape (N,).
        y: The outputs, a NumPy array of shape (M,), M <= N.

    Returns:
        w: The filter, not flipped, of shape (N - M + 1,).
    """
    K = len(x) - len(y) + 1
    X = np.array([x[i:i + K] for i in range(K)])
    return np.linalg.solve(X, y[:K])
