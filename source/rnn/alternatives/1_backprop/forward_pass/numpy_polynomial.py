"""NumPy's polynomials, the two results in one array."""
import numpy as np


def forward_pass(w, u1, u2, u3):
    return np.array([np.polyval([u1, u2, u3], w), np.polyval([u1, u2, u3, 0], w)])
