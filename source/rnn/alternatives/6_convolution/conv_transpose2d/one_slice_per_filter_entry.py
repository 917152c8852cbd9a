"""A loop over the filter: each of its entries fills a strided slice of the output."""
import numpy as np


def conv_transpose2d(x, w, stride=1):
    H, W = x.shape
    I, J = w.shape
    y = np.zeros(((H - 1) * stride + I, (W - 1) * stride + J))
    for i in range(I):
        for j in range(J):
            y[i : i + (H - 1) * stride + 1 : stride, j : j + (W - 1) * stride + 1 : stride] += w[i, j] * x
    return y
