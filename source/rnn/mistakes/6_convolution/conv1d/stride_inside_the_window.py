"""You take every stride-th entry *inside* the window; that is called dilation.

The window holds neighbouring entries; the stride is the distance between the starts of two windows.
"""
# loses: test_conv1d
# category: stride
import numpy as np


def conv1d(x, w, stride=1):
    reach = (len(w) - 1) * stride + 1
    return np.array([np.dot(w, x[i : i + reach : stride]) for i in range(len(x) - reach + 1)])
