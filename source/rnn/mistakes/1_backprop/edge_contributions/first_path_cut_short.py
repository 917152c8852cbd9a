"""Your edge to q counts one multiplication too few on its way to y.

From q the change passes through s and through y: both multiply by w; compare with dy/dq from (c).
"""
# loses: test_edge_contributions
# category: forgotten accumulated path


def edge_contributions(w, u1, u2, u3):
    p = u1
    r = w * p + u2
    t = w * r + u3
    edge_q, edge_s = w * p, w * r
    return edge_q, edge_s, t, edge_q + edge_s + t
