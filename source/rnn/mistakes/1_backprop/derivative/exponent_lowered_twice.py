"""The derivative of u1 w^3 is 3 u1 w^2: in your first term the exponent is one too small.

Differentiating lowers each exponent by one, not by two.
"""
# loses: test_derivative
# category: off-by-one power


def derivative(w, u1, u2, u3):
    return u3 + w * (2 * u2 + 3 * u1)
