"""You compare differences without their absolute value, so a claimed gradient that is too small goes unnoticed.

Take the absolute value before the maximum.
"""
# loses: test_gradient_check
# category: comparison
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    theta = np.asarray(theta, dtype=np.float64)
    gradient = np.empty(theta.shape)
    for entry in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[entry] = eps
        gradient[entry] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return gradient


def wrong_gradient(f, gradients, theta):
    numeric = numerical_gradient(f, theta)
    return max(gradients, key=lambda name: (gradients[name](theta) - numeric).max())
