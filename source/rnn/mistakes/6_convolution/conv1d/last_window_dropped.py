"""You stop one window too early: the filter also fits where its last entry lies on the last entry of the signal.

Count the positions for a filter that is as long as the signal: there is one.
"""
# loses: test_conv1d
# category: off-by-one window
import numpy as np


def conv1d(x, w, stride=1):
    return np.array([np.dot(w, x[i : i + len(w)]) for i in range(0, len(x) - len(w), stride)])
