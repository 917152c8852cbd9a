"""Where two stamps overlap you keep only the later one.

Overlaps are summed: add each stamp to what is there already.
"""
# loses: test_conv_transpose2d
# category: missing overlap sum
import numpy as np


def conv_transpose2d(x, w, stride=1):
    y = np.zeros(((x.shape[0] - 1) * stride + w.shape[0], (x.shape[1] - 1) * stride + w.shape[1]))
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i * stride : i * stride + w.shape[0], j * stride : j * stride + w.shape[1]] = x[i, j] * w
    return y
