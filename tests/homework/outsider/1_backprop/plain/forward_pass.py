def forward_pass(w, u1, u2, u3):
    """Run the network forwards.

    Args:
        w: The weight, a float.
        u1, u2, u3: The inputs, three floats.

    Returns:
        (t, y): two numbers.
    """
    p = u1
    q = w * p
    r = q + u2
    s = w * r
    t = s + u3
    y = w * t
    return t, y
