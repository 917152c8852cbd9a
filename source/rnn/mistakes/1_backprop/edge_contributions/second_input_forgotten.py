"""On the edge from w to s you multiply by q, but what w is multiplied with there is r = q + u2."""
# loses: test_edge_contributions
# category: wrong local derivative


def edge_contributions(w, u1, u2, u3):
    q = w * u1
    t = w * (q + u2) + u3
    edge_q, edge_s = w**2 * u1, w * q
    return edge_q, edge_s, t, edge_q + edge_s + t
