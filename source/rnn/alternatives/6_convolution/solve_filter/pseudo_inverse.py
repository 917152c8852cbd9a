"""The pseudo-inverse of the matrix of windows, columns first."""
import numpy as np


def solve_filter(x, y):
    columns = [x[j : j + len(y)] for j in range(len(x) - len(y) + 1)]
    return list(np.linalg.pinv(np.stack(columns, axis=1)) @ y)
