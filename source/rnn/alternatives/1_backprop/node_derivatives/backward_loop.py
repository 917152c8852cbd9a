"""A loop over the edges from back to front."""


def node_derivatives(w, u1, u2, u3):
    grads = [w]
    for local in (1, w, 1, w):
        grads.insert(0, grads[0] * local)
    return tuple(grads)
