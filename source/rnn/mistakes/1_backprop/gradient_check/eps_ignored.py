"""Your numerical gradient does not use the eps it is given, but a step of its own.
"""
# loses: test_gradient_check
# category: argument ignored
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=np.float64)
    gradient = np.zeros(theta.shape)
    for entry in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[entry] = 1e-5
        gradient[entry] = (f(theta + step) - f(theta - step)) / 2e-5
    return gradient


def wrong_gradient(f, gradients, theta):
    numeric = numerical_gradient(f, theta)
    return max(gradients, key=lambda name: np.abs(gradients[name](theta) - numeric).max())
