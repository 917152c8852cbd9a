"""You move the entries of the caller's own array and do not move them back, so later entries are differentiated elsewhere.

np.asarray does not copy an array that is float64 already: work on a copy, and put each entry back.
"""
# loses: test_gradient_check
# category: state kept
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    place = np.asarray(theta, dtype=np.float64)
    slopes = []
    for index in np.ndindex(place.shape):
        place[index] += eps
        right = f(place)
        place[index] -= 2 * eps
        slopes.append((right - f(place)) / (2 * eps))
    return np.reshape(slopes, place.shape)


def wrong_gradient(f, gradients, theta):
    numeric = numerical_gradient(f, np.copy(theta))
    return max(gradients, key=lambda name: np.abs(gradients[name](theta) - numeric).max())
