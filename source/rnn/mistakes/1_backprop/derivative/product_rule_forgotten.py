"""You treat t as if it did not depend on w, so y = w t gives just t.

But w hides inside t, too: use the product rule, or multiply out first and differentiate every power of w.
"""
# loses: test_derivative
# category: product rule


def derivative(w, u1, u2, u3):
    t = u3 + w * u2 + w**2 * u1
    return t
