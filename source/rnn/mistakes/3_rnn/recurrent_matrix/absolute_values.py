"""You take the absolute value of every entry of W_h, which changes its eigenvalues.

The tool takes the magnitude of the eigenvalues; return W_h with its signs.
"""
# loses: test_recurrent_matrix
# category: wrong matrix


def recurrent_matrix(layer):
    return layer.W_h.weight.detach().abs()
