"""This is the derivative of t, not of y: the multiplication by w in the last step is still missing.

Write y as one polynomial in w before you differentiate.
"""
# loses: test_derivative
# category: missing step


def derivative(w, u1, u2, u3):
    return u2 + 2 * w * u1
