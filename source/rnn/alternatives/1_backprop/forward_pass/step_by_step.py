"""Plain Python, every node of the graph in turn."""


def forward_pass(w, u1, u2, u3):
    p = u1
    q = w * p
    r = q + u2
    s = w * r
    t = s + u3
    y = t * w
    return (t, y)
