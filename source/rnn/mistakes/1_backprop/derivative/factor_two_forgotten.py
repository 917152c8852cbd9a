"""The derivative of u2 w^2 is 2 u2 w: your middle term lacks the 2.

Differentiate y = u3 w + u2 w^2 + u1 w^3 term by term.
"""
# loses: test_derivative
# category: power rule


def derivative(w, u1, u2, u3):
    return u3 + w * (u2 + 3 * w * u1)
