def node_derivatives(w, u1, u2, u3):
    exponent = {"p": 3, "q": 2, "r": 2, "s": 1, "t": 1}
    return np.array([w ** exponent[n] for n in "pqrst"])
