"""Your three contributions are right, but the total leaves one of them out.

All three edges leave the same weight, so all three belong to dy/dw; compare the total with your answer to (b).
"""
# loses: test_edge_contributions
# category: missing path


def edge_contributions(w, u1, u2, u3):
    p = u1
    r = w * p + u2
    t = w * r + u3
    edge_q, edge_s = w**2 * p, w * r
    return edge_q, edge_s, t, edge_q + edge_s
