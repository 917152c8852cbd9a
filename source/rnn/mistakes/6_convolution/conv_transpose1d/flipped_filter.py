"""You stamp the filter backwards.

Each input entry is multiplied with the filter as it stands; look at the first three outputs of the example with a, b and c.
"""
# loses: test_conv_transpose1d
# category: flipped filter
import numpy as np


def conv_transpose1d(x, w, stride=1):
    y = np.zeros((len(x) - 1) * stride + len(w))
    for i in range(len(x)):
        y[i * stride : i * stride + len(w)] += x[i] * w[::-1]
    return y
