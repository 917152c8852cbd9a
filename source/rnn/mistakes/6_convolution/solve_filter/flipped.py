"""You find the filter in reverse order: your equations are those of a flipped filter.

Row i of the system should hold the window that starts at entry i, from left to right.
"""
# loses: test_solve_filter
# category: flipped filter
import numpy as np


def solve_filter(x, y):
    k = len(x) - len(y) + 1
    windows = np.array([x[i : i + k][::-1] for i in range(len(y))])
    return np.linalg.lstsq(windows, y, rcond=None)[0]
