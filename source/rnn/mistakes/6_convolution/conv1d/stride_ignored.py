"""Your function never uses the stride: you move the filter by one entry whatever is asked."""
# loses: test_conv1d
# category: stride
import numpy as np


def conv1d(x, w, stride=1):
    return np.array([np.dot(w, x[i : i + len(w)]) for i in range(len(x) - len(w) + 1)])
