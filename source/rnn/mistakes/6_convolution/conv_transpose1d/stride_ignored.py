"""Your stamps always start one entry after the other: the stride has no effect."""
# loses: test_conv_transpose1d
# category: stride
import numpy as np


def conv_transpose1d(x, w, stride=1):
    return np.convolve(x, w)
