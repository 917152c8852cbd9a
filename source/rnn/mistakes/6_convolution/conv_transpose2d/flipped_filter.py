"""You stamp the filter rotated by 180 degrees.

Each pixel is multiplied with the filter as it stands; a single pixel of value 1 should return the filter itself.
"""
# loses: test_conv_transpose2d
# category: flipped filter
import numpy as np


def conv_transpose2d(x, w, stride=1):
    y = np.zeros(((x.shape[0] - 1) * stride + w.shape[0], (x.shape[1] - 1) * stride + w.shape[1]))
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i * stride : i * stride + w.shape[0], j * stride : j * stride + w.shape[1]] += x[i, j] * w[::-1, ::-1]
    return y
