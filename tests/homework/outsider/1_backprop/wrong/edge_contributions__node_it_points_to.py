# wrong: multiplies dy/dnode by the node that the arrow points to instead of the other factor of the product; dq/dw along this arrow is p, not q.
def edge_contributions(w, u1, u2, u3):
    """Compute what each outgoing edge of w contributes to dy/dw, and the total.

    Args:
        w: The weight, a float.
        u1, u2, u3: The inputs, three floats.

    Returns:
        (edge_q, edge_s, edge_y, total): the contributions of the edges from w to q, to s and to y, and dy/dw.
    """
    p = u1
    q = w * p
    r = q + u2
    s = w * r
    t = s + u3
    edge_q = w**2 * q
    edge_s = w * s
    edge_y = t
    return edge_q, edge_s, edge_y, edge_q + edge_s + edge_y
