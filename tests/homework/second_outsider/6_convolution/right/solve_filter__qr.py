def solve_filter(x, y):
    X = np.stack([x[j : j + len(y)] for j in range(len(x) - len(y) + 1)], axis=1).astype(float)
    Q, R = np.linalg.qr(X)
    return np.linalg.solve(R, Q.T @ y)
