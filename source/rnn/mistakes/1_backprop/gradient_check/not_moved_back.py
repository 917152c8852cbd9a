"""You move an entry of theta by eps and never move it back, so later entries are differentiated at another point.
"""
# loses: test_gradient_check
# category: state kept
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=np.float64)
    gradient = np.zeros(theta.shape)
    for entry in np.ndindex(theta.shape):
        theta[entry] += eps
        above = f(theta)
        theta[entry] -= 2 * eps
        gradient[entry] = (above - f(theta)) / (2 * eps)
    return gradient


def wrong_gradient(f, gradients, theta):
    numeric = numerical_gradient(f, theta)
    return max(gradients, key=lambda name: np.abs(gradients[name](theta) - numeric).max())
