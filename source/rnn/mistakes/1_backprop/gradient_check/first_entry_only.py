"""You compare only the first entry of the gradients; a mistake in a later one goes unnoticed.
"""
# loses: test_gradient_check
# category: wrong measure
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=np.float64)
    gradient = np.zeros(theta.shape)
    for entry in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[entry] = eps
        gradient[entry] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return gradient


def wrong_gradient(f, gradients, theta):
    numeric = numerical_gradient(f, theta)
    return max(gradients, key=lambda name: np.abs(gradients[name](theta) - numeric).flat[0])
