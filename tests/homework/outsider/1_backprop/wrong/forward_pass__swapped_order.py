# wrong: returns (y, t) although (t, y) is asked for; read the "Returns" line again, the order of the two is part of the task.
def forward_pass(w, u1, u2, u3):
    """Run the network forwards.

    Args:
        w: The weight, a float.
        u1, u2, u3: The inputs, three floats.

    Returns:
        (t, y): two numbers.
    """
    p = u1
    q = w*p
    r = q + u2
    s = w*r
    t = s + u3
    y = w*t
    return y, t
