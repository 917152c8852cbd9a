"""You differentiate only the term with u1, the longest path.

Every input contributes to y with its own power of w, so every one of them contributes to the derivative.
"""
# loses: test_derivative
# category: missing path


def derivative(w, u1, u2, u3):
    return 3 * w**2 * u1
