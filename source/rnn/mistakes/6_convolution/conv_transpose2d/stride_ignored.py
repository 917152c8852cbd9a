"""Your stamps always start one row or column after the other: the stride has no effect."""
# loses: test_conv_transpose2d
# category: stride
import numpy as np


def conv_transpose2d(x, w, stride=1):
    y = np.zeros((x.shape[0] - 1 + w.shape[0], x.shape[1] - 1 + w.shape[1]))
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i : i + w.shape[0], j : j + w.shape[1]] += x[i, j] * w
    return y
