"""Where stamps overlap you take their mean; a transposed convolution adds them."""
# loses: test_conv_transpose1d
# category: overlap
import numpy as np


def conv_transpose1d(x, w, stride=1):
    stamps = np.full((len(x), (len(x) - 1) * stride + len(w)), np.nan)
    for i, value in enumerate(x):
        stamps[i, i * stride : i * stride + len(w)] = value * w
    covered = ~np.isnan(stamps)
    return np.where(covered, stamps, 0.0).sum(axis=0) / np.maximum(covered.sum(axis=0), 1)
