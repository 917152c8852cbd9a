"""Powers of w, written down directly."""


def node_derivatives(w, u1, u2, u3):
    return w * w * w, w * w, w * w, w, w
