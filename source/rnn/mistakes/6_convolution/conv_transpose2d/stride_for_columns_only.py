"""Your stamps move by `stride` from column to column, but only by 1 from row to row.

The output has the right size, and its lower rows stay empty; the stride holds in both directions.
"""
# loses: test_conv_transpose2d
# category: stride
import numpy as np


def conv_transpose2d(x, w, stride=1):
    rows, columns = w.shape
    total = np.zeros((stride * (len(x) - 1) + rows, stride * (x.shape[1] - 1) + columns))
    for (i, j), value in np.ndenumerate(x):
        total[i:, j * stride :][:rows, :columns] += value * w
    return total
