"""Where two stamps overlap you keep only the later one.

Overlaps are summed: add each stamp to what is there already.
"""
# loses: test_conv_transpose1d
# category: missing overlap sum
import numpy as np


def conv_transpose1d(x, w, stride=1):
    y = np.zeros((len(x) - 1) * stride + len(w))
    for i in range(len(x)):
        y[i * stride : i * stride + len(w)] = x[i] * w
    return y
