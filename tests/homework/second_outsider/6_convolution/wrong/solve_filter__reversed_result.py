def solve_filter(x, y):
    K = len(x) - len(y) + 1
    rows = [x[i:i+K][::-1] for i in range(len(y))]
    w, *_ = np.linalg.lstsq(np.stack(rows), y, rcond=None)
    return w
