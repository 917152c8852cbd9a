"""Your filter has one entry too few: a signal of N entries and a filter of K entries give N - K + 1 outputs.

Solve that for K again.
"""
# loses: test_solve_filter
# category: off-by-one length
import numpy as np


def solve_filter(x, y):
    k = len(x) - len(y)
    windows = np.array([x[i : i + k] for i in range(len(y))])
    return np.linalg.lstsq(windows, y, rcond=None)[0]
