"""You work on the caller's theta and leave it changed after the call.

Copy theta first.
"""
# loses: test_gradient_check
# category: state kept
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    work = np.asarray(theta, dtype=np.float64)
    gradient = np.zeros(work.shape)
    for entry in np.ndindex(work.shape):
        here = work[entry].copy()
        work[entry] = here + eps
        above = f(work)
        work[entry] = here - eps
        gradient[entry] = (above - f(work)) / (2 * eps)
        work[entry] = here
    work -= eps
    return gradient


def wrong_gradient(f, gradients, theta):
    numeric = numerical_gradient(f, theta)
    return max(gradients, key=lambda name: np.abs(gradients[name](theta) - numeric).max())
