"""You flip the filter: that is what np.convolve and the mathematicians do.

Here entry 0 of the filter meets entry 0 of the window, as in every neural network; look at the convention at the top of the notebook.
"""
# loses: test_conv1d
# category: flipped filter
import numpy as np


def conv1d(x, w, stride=1):
    return np.convolve(x, w, mode="valid")[::stride]
