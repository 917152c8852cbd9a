"""You stop one node early: what you call t is s, and what you call y is t.

From t there is one more arrow, y = w t.
"""
# loses: test_forward_pass
# category: one step missing


def forward_pass(w, u1, u2, u3):
    r = u2 + w * u1
    return w * r, w * r + u3
