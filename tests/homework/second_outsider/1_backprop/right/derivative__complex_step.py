def derivative(w, u1, u2, u3):
    z = complex(w, 1e-30)
    return (z * (u3 + z * (u2 + z * u1))).imag / 1e-30
