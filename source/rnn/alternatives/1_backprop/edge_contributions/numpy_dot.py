"""Downstream derivatives times local ones, as NumPy arrays."""
import numpy as np


def edge_contributions(w, u1, u2, u3):
    r = w * u1 + u2
    local = np.array([u1, r, w * r + u3])
    downstream = np.array([w**2, w, 1.0])
    edges = local * downstream
    return [*edges, np.sum(edges)]
