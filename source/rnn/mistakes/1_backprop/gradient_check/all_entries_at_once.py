"""You move all entries of theta at the same time: that gives the sum of the partial derivatives in every place.

Move one entry at a time, and leave the others where they are.
"""
# loses: test_gradient_check
# category: partial derivative
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=np.float64)
    gradient = np.zeros(theta.shape)
    for entry in np.ndindex(theta.shape):
        step = np.full(theta.shape, eps)
        gradient[entry] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return gradient


def wrong_gradient(f, gradients, theta):
    numeric = numerical_gradient(f, theta)
    return max(gradients, key=lambda name: np.abs(gradients[name](theta) - numeric).max())
