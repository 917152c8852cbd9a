# wrong: stops one node early and calls t the output; the last arrow multiplies by w once more, y = w t.
def forward_pass(w, u1, u2, u3):
    """Run the network forwards.

    Args:
        w: The weight, a float.
        u1, u2, u3: The inputs, three floats.

    Returns:
        (t, y): two numbers.
    """
    q = w * u1
    s = w * (q + u2)
    y = s + u3
    return s, y
