"""You return only the diagonal of W_h as a matrix.

Units influence each other through the other entries; return all of W_h.
"""
# loses: test_recurrent_matrix
# category: wrong matrix


def recurrent_matrix(layer):
    return torch.diag(torch.diag(layer.W_h.weight.detach()))
