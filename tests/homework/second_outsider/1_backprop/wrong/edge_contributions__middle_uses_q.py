def edge_contributions(w, u1, u2, u3):
    q = w * u1
    t = w * (q + u2) + u3
    edge_q = w**2 * u1
    edge_s = w * q
    edge_y = t
    return edge_q, edge_s, edge_y, edge_q + edge_s + edge_y
