"""Your output has the dtype of the image: with an image of integers every sum is cut off to an integer.

Begin with zeros of a floating-point dtype.
"""
# loses: test_conv_transpose2d
# category: dtype
import numpy as np


def conv_transpose2d(x, w, stride=1):
    rows, columns = w.shape
    total = np.zeros((stride * (len(x) - 1) + rows, stride * (x.shape[1] - 1) + columns))
    for (i, j), value in np.ndenumerate(x):
        total[i * stride :, j * stride :][:rows, :columns] += value * w
    return total.astype(x.dtype)
