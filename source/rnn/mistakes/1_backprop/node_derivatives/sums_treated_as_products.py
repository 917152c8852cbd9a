"""You multiply by the other term of a sum, as if r = q + u2 and t = s + u3 were products.

A sum hands the derivative on unchanged: dr/dq = 1 and dt/ds = 1.
"""
# loses: test_node_derivatives
# category: sum rule


def node_derivatives(w, u1, u2, u3):
    factors = [w, u2, w, u3]
    derivatives = [w]
    for factor in reversed(factors):
        derivatives.insert(0, derivatives[0] * factor)
    return tuple(derivatives)
