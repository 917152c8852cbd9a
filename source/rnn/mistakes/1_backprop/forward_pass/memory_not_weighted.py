"""You apply w to the inputs, but not to what is already remembered.

In this network the weight multiplies the whole state r, not only the newest part of it; look at the arrow into s.
"""
# loses: test_forward_pass
# category: missing step


def forward_pass(w, u1, u2, u3):
    t = u3 + w * u2 + w * u1
    y = w * t
    return t, y
