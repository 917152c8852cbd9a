"""wrong_gradient lets the gradients vote: the wrong one is far from the others."""
import numpy as np


def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=np.float64)
    half = np.zeros_like(theta)
    it = np.nditer(theta, flags=["multi_index"])
    for _ in it:
        e = np.zeros_like(theta)
        e[it.multi_index] = 1
        half[it.multi_index] = f(theta + eps * e) / 2 - f(theta - eps * e) / 2
    return half / eps


def wrong_gradient(f, gradients, theta):
    values = {name: gradient(theta) for name, gradient in gradients.items()}
    middle = np.median(list(values.values()) + [numerical_gradient(f, theta)], axis=0)
    return max(values, key=lambda name: float(np.sum((values[name] - middle) ** 2)))
