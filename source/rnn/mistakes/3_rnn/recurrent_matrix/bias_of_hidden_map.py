"""You return the bias of the hidden map.

W_h is its matrix, with shape (H, H).
"""
# loses: test_recurrent_matrix
# category: shape


def recurrent_matrix(layer):
    return layer.W_h.bias.detach()
