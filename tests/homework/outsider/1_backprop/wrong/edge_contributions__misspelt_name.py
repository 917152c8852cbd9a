# wrong: a NameError, since the total adds up edge_w, a name that was never set (it is called edge_y two lines above).
def edge_contributions(w, u1, u2, u3):
    """Compute what each outgoing edge of w contributes to dy/dw, and the total.

    Args:
        w: The weight, a float.
        u1, u2, u3: The inputs, three floats.

    Returns:
        (edge_q, edge_s, edge_y, total): the contributions of the edges from w to q, to s and to y, and dy/dw.
    """
    p = u1
    r = w * p + u2
    t = w * r + u3
    _, dy_dq, _, dy_ds, _ = node_derivatives(w, u1, u2, u3)
    edge_q = dy_dq * p
    edge_s = dy_ds * r
    edge_y = t
    total = edge_q + edge_s + edge_w
    return edge_q, edge_s, edge_y, total
