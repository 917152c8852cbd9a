"""Your output has the dtype of the filter: with a filter of integers every sum is cut off to an integer.

Begin with zeros of a floating-point dtype.
"""
# loses: test_conv_transpose1d
# category: dtype
import numpy as np


def conv_transpose1d(x, w, stride=1):
    total = np.zeros(stride * (len(x) - 1) + len(w))
    for place, value in enumerate(x):
        total[place * stride :][: len(w)] += value * w
    return total.astype(w.dtype)
