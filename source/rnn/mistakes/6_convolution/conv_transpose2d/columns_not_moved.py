"""Your output has the right size, but from column to column the stamps move by 1 instead of `stride`.

Rows and columns both move by `stride`.
"""
# loses: test_conv_transpose2d
# category: stride
import numpy as np


def conv_transpose2d(x, w, stride=1):
    (height, width), (rows, columns) = x.shape, w.shape
    total = np.zeros(((height - 1) * stride + rows, (width - 1) * stride + columns))
    for (i, j), value in np.ndenumerate(x):
        total[i * stride : i * stride + rows, j : j + columns] += value * w
    return total
