"""You put `stride` zeros between two entries of the input, which moves the stamps apart by stride + 1.

With stride 1 there is no gap at all.
"""
# loses: test_conv_transpose1d
# category: off-by-one stride
import numpy as np


def conv_transpose1d(x, w, stride=1):
    spread = np.zeros((len(x) - 1) * (stride + 1) + 1)
    spread[:: stride + 1] = x
    return np.convolve(spread, w)
