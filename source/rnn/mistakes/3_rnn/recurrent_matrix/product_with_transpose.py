"""You return the product of W_h with its transpose, whose eigenvalues are squared singular values.

Return W_h itself.
"""
# loses: test_recurrent_matrix
# category: wrong matrix


def recurrent_matrix(layer):
    W = layer.W_h.weight.detach()
    return W @ W.T
