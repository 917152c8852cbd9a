"""The rows of the identity matrix as directions, reshaped."""
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    theta = np.asarray(theta, dtype=np.float64)
    directions = np.eye(theta.size).reshape(theta.size, *theta.shape)
    slopes = [(f(theta + eps * d) - f(theta - eps * d)) / (2 * eps) for d in directions]
    return np.array(slopes).reshape(theta.shape)


def wrong_gradient(f, gradients, theta):
    numeric = numerical_gradient(f, theta)
    errors = {}
    for name in gradients:
        g = gradients[name](theta)
        errors[name] = np.linalg.norm(g - numeric) / (np.linalg.norm(g) + np.linalg.norm(numeric))
    return sorted(errors, key=errors.get)[-1]
