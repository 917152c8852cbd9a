"""The derivative of u1 w^3 is 3 u1 w^2: your last term lacks the 3.

Differentiate y = u3 w + u2 w^2 + u1 w^3 term by term.
"""
# loses: test_derivative
# category: power rule


def derivative(w, u1, u2, u3):
    return u3 + w * (2 * u2 + w * u1)
