"""You bring the exponents down as factors, but leave the powers of w as they were.

Differentiating a power of w also lowers its exponent by one; try it on the simple case y = w u3.
"""
# loses: test_derivative
# category: off-by-one power


def derivative(w, u1, u2, u3):
    return w * u3 + 2 * w**2 * u2 + 3 * w**3 * u1
