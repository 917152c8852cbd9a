"""You compare the lengths of the gradients: a gradient with the opposite sign, or with its entries in another order, has the same length.

Compare entry by entry.
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
    return max(gradients, key=lambda name: abs(np.linalg.norm(gradients[name](theta)) - np.linalg.norm(numeric)))
