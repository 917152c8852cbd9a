"""You solve only as many equations as there are unknowns and ignore the others.

Without noise that works; with noise, all outputs carry information, and least squares uses them all.
"""
# loses: test_solve_filter
# category: data not used
import numpy as np


def solve_filter(x, y):
    k = len(x) - len(y) + 1
    windows = np.array([x[i : i + k] for i in range(k)])
    return np.linalg.solve(windows, y[:k])
