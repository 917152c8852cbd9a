"""A flat copy that is given its shape back for every call."""
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    shape = np.shape(theta)
    flat = np.ravel(theta).astype("float64")
    result = []
    for i in range(len(flat)):
        values = []
        for sign in (1, -1):
            moved = flat.copy()
            moved[i] += sign * eps
            values.append(f(moved.reshape(shape)))
        result.append((values[0] - values[1]) / (2 * eps))
    return np.reshape(np.array(result), shape)


def wrong_gradient(f, gradients, theta):
    numeric = numerical_gradient(f, theta)
    names = list(gradients)
    return names[int(np.argmax([np.abs(gradients[n](theta) - numeric).sum() for n in names]))]
