"""Horner form of the derivative."""


def derivative(w, u1, u2, u3):
    return (3 * u1 * w + 2 * u2) * w + u3
