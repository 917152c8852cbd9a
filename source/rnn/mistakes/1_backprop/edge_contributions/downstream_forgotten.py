"""You give the derivative of the node each edge points to, and forget how that node goes on to change y.

The edges to q and to s do not end at y: multiply by the derivatives from (c).
"""
# loses: test_edge_contributions
# category: forgotten accumulated path


def edge_contributions(w, u1, u2, u3):
    p = u1
    r = w * p + u2
    t = w * r + u3
    return p, r, t, p + r + t
