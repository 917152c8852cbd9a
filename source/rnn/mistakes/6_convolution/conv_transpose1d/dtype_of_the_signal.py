"""Your output has the dtype of the signal: with a signal of integers every sum is cut off to an integer.

Begin with zeros of a floating-point dtype.
"""
# loses: test_conv_transpose1d
# category: dtype
import numpy as np


def conv_transpose1d(x, w, stride=1):
    total = np.zeros((len(x) - 1) * stride + len(w))
    for i in range(len(x)):
        total[i * stride : i * stride + len(w)] += x[i] * w
    return total.astype(x.dtype)
