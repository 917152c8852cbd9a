"""You compute in the dtype of theta: integers cannot be moved by eps at all, and in float32 the rounding error is larger than the difference.

Copy theta to float64 first.
"""
# loses: test_gradient_check
# category: dtype
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    gradient = np.zeros(theta.shape)
    for entry in np.ndindex(theta.shape):
        above, below = theta.copy(), theta.copy()
        above[entry] += np.array(eps).astype(theta.dtype)
        below[entry] -= np.array(eps).astype(theta.dtype)
        gradient[entry] = (f(above) - f(below)) / (2 * eps)
    return gradient


def wrong_gradient(f, gradients, theta):
    numeric = numerical_gradient(f, theta)
    return max(gradients, key=lambda name: np.abs(gradients[name](theta) - numeric).max())
