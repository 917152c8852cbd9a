"""You add a penalty on the size of the filter, which pulls its entries towards zero.

That is ridge regression; the question asks for plain least squares.
"""
# loses: test_solve_filter
# category: regularised
import numpy as np


def solve_filter(x, y):
    k = len(x) - len(y) + 1
    windows = np.lib.stride_tricks.sliding_window_view(x, k)
    return np.linalg.solve(windows.T @ windows + 0.1 * np.eye(k), windows.T @ y)
