"""On the edges to q and to s you multiply by w, the derivative with respect to the *state*.

Here w itself moves, so the local derivative is what w is multiplied with: p on the first edge, r on the second.
"""
# loses: test_edge_contributions
# category: wrong local derivative


def edge_contributions(w, u1, u2, u3):
    r = w * u1 + u2
    t = w * r + u3
    edge_q, edge_s = w**2 * w, w * w
    return edge_q, edge_s, t, edge_q + edge_s + t
