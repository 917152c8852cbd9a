"""You pad with zeros so that the output is as long as the signal.

This question asks for no padding: only positions where the whole filter lies on the signal count.
"""
# loses: test_conv1d
# category: padding
import numpy as np


def conv1d(x, w, stride=1):
    before = (len(w) - 1) // 2
    padded = np.pad(x, (before, len(w) - 1 - before))
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(w))[::stride]
    return windows @ w
