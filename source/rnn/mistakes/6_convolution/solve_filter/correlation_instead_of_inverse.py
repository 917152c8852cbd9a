"""You correlate the signal with the output, but do not solve: half of the normal equations is missing.

The windows are not orthogonal to each other, so their products with each other have to be divided out.
"""
# loses: test_solve_filter
# category: not solved
import numpy as np


def solve_filter(x, y):
    k = len(x) - len(y) + 1
    windows = np.lib.stride_tricks.sliding_window_view(x, k)
    return windows.T @ y / len(y)
