"""wrong_gradient returns the name of the gradient that agrees best with the numerical one; asked for is the one that agrees worst.
"""
# loses: test_gradient_check
# category: wrong way round
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
    return min(gradients, key=lambda name: np.abs(gradients[name](theta) - numeric).max())
