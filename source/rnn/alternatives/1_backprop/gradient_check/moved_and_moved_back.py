"""One copy; every entry is moved, and moved back."""
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    work = np.array(theta, dtype=float)
    gradient = np.empty_like(work)
    for entry, here in np.ndenumerate(work.copy()):
        work[entry] = here + eps
        above = f(work)
        work[entry] = here - eps
        below = f(work)
        work[entry] = here
        gradient[entry] = (above - below) / (2 * eps)
    return gradient


def wrong_gradient(f, gradients, theta):
    numeric = numerical_gradient(f, theta)
    for name, gradient in gradients.items():
        if not np.allclose(gradient(theta), numeric, rtol=1e-4, atol=1e-6):
            return name
