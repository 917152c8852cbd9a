def solve_filter(x, y):
    K = len(x) - len(y) + 1
    A = np.array([x[i:i+K] for i in range(K)])
    return np.linalg.solve(A, y[:K])
