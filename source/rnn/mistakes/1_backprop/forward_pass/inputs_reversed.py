"""You let the inputs change places: the input that is read first is multiplied by w most often, the last one least.

Check which of u1 and u3 has the longer way to the output.
"""
# loses: test_forward_pass
# category: order in time


def forward_pass(w, u1, u2, u3):
    t = u1 + w * u2 + w**2 * u3
    y = w * t
    return t, y
