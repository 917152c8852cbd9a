"""u2 is missing: s is computed from q, but the arrow into s comes from r = q + u2."""
# loses: test_forward_pass
# category: missing path


def forward_pass(w, u1, u2, u3):
    t = w**2 * u1 + u3
    return t, w * t
