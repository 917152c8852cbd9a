"""The transposed matrix of the convolution, built explicitly."""
import numpy as np


def conv_transpose1d(x, w, stride=1):
    matrix = np.zeros((len(x), (len(x) - 1) * stride + len(w)))
    for i in range(len(x)):
        matrix[i, i * stride : i * stride + len(w)] = w
    return matrix.T @ x
