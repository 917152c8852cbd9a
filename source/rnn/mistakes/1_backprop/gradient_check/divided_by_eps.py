"""Your derivatives are twice as large as they should be: the two points lie 2 eps apart, not eps.
"""
# loses: test_gradient_check
# category: wrong factor
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=np.float64)
    gradient = np.zeros(theta.shape)
    for entry in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[entry] = eps
        gradient[entry] = (f(theta + step) - f(theta - step)) / eps
    return gradient


def wrong_gradient(f, gradients, theta):
    numeric = numerical_gradient(f, theta)
    return max(gradients, key=lambda name: np.abs(gradients[name](theta) - numeric).max())
