"""Your two numbers are right, but you return them the wrong way round: the docstring asks for t first, then y."""
# loses: test_forward_pass
# category: order of results


def forward_pass(w, u1, u2, u3):
    q = w * u1
    s = w * (q + u2)
    t = s + u3
    return w * t, t
