"""Each contribution as a polynomial, the total as in (b)."""


def edge_contributions(w, u1, u2, u3):
    return w**2 * u1, w**2 * u1 + w * u2, u3 + w * u2 + w**2 * u1, 3 * w**2 * u1 + 2 * w * u2 + u3
