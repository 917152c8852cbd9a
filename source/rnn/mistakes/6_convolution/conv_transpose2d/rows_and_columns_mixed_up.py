"""You mix up rows and columns of the filter: your output has the shape that belongs to the transposed filter.

w.shape[0] counts rows, w.shape[1] columns; a filter that is not square tells them apart.
"""
# loses: test_conv_transpose2d
# category: shape
import numpy as np


def conv_transpose2d(x, w, stride=1):
    w = w.T
    y = np.zeros(((x.shape[0] - 1) * stride + w.shape[0], (x.shape[1] - 1) * stride + w.shape[1]))
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i * stride : i * stride + w.shape[0], j * stride : j * stride + w.shape[1]] += x[i, j] * w
    return y
