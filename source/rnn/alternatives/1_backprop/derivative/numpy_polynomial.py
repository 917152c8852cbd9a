"""Differentiate the polynomial with NumPy and evaluate it."""
import numpy as np


def derivative(w, u1, u2, u3):
    y = np.poly1d([u1, u2, u3, 0])
    return y.deriv()(w)
