"""Your output ends too early: you make it `stride` times as long as the input and cut off the rest of the last stamps.

The last stamp starts at (N - 1) * stride and has K entries; all of them belong to the output.
"""
# loses: test_conv_transpose1d
# category: length
import numpy as np


def conv_transpose1d(x, w, stride=1):
    y = np.zeros((len(x) - 1) * stride + len(w))
    for i in range(len(x)):
        y[i * stride : i * stride + len(w)] += x[i] * w
    return y[: len(x) * stride]
