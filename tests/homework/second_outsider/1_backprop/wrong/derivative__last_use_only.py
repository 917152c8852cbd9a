def derivative(w, u1, u2, u3):
    # y = w * t and t does not... so dy/dw = t
    t = w * (w * u1 + u2) + u3
    return t
