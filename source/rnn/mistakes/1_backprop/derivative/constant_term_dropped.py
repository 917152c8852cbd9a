"""You drop the term with u3, as if it were a constant in y.

It is a constant in t, but in y it is multiplied by w; look at your y from (a) again.
"""
# loses: test_derivative
# category: missing path


def derivative(w, u1, u2, u3):
    return 2 * w * u2 + 3 * w**2 * u1
