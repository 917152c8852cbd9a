"""Your output is always one entry too short: (N - K) // stride counts the *steps* of the filter, and it begins with a window before any step."""
# loses: test_conv1d
# category: off by one
import numpy as np


def conv1d(x, w, stride=1):
    steps = (len(x) - len(w)) // stride
    return np.array([(x[stride * i :][: len(w)] * w).sum() for i in range(steps)])
