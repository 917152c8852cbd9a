"""Your t is right, but your y stops there: the last arrow of the graph still applies the weight."""
# loses: test_forward_pass
# category: missing step


def forward_pass(w, u1, u2, u3):
    t = u3 + w * u2 + w**2 * u1
    y = t
    return t, y
