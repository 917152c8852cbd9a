def derivative(w, u1, u2, u3):
    # y = w^3 u1 + w^2 u2 + w u3
    return 3 * w * u1 + 2 * w * u2 + u3
