"""You treat the stride as padding: zeros are put around the signal, and the filter still moves by one.

The stride says how far the filter moves; there is no padding in this question.
"""
# loses: test_conv1d
# category: stride
import numpy as np


def conv1d(x, w, stride=1):
    padded = np.pad(x, stride - 1)
    return np.array([np.dot(w, padded[i : i + len(w)]) for i in range(len(padded) - len(w) + 1)])
