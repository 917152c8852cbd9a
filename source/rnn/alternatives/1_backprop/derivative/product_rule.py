"""Product rule: y' = t + w t'."""


def derivative(w, u1, u2, u3):
    t = u3 + w * u2 + w * w * u1
    dt_dw = u2 + 2 * w * u1
    return t + w * dt_dw
