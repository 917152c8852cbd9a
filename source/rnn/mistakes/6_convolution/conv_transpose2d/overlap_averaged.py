"""Where stamps overlap you take their mean; a transposed convolution adds them."""
# loses: test_conv_transpose2d
# category: overlap
import numpy as np


def conv_transpose2d(x, w, stride=1):
    (height, width), (rows, columns) = x.shape, w.shape
    total = np.zeros(((height - 1) * stride + rows, (width - 1) * stride + columns))
    stamps = np.zeros_like(total)
    for (i, j), value in np.ndenumerate(x):
        block = slice(i * stride, i * stride + rows), slice(j * stride, j * stride + columns)
        total[block] += value * w
        stamps[block] += 1
    return total / np.maximum(stamps, 1)
