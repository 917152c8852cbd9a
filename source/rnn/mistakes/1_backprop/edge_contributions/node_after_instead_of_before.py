"""You multiply by the node an edge points *to* (q, s) instead of the node that w is multiplied with (p, r).

For q = w p, the derivative with respect to w is p.
"""
# loses: test_edge_contributions
# category: wrong local derivative


def edge_contributions(w, u1, u2, u3):
    q = w * u1
    s = w * (q + u2)
    t = s + u3
    edge_q, edge_s = w**2 * q, w * s
    return edge_q, edge_s, t, edge_q + edge_s + t
