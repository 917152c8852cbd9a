"""You multiply every input by one power of w too many: u3 is added after the last multiplication before t.

Follow the arrows into t once more and count how many times w is applied to each input on its way there.
"""
# loses: test_forward_pass
# category: off-by-one power


def forward_pass(w, u1, u2, u3):
    t = w * u3 + w**2 * u2 + w**3 * u1
    y = w * t
    return t, y
