"""You return the matrix that multiplies the input.

Vanishing and exploding is decided by what multiplies the hidden state from one timestep to the next.
"""
# loses: test_recurrent_matrix
# category: wrong matrix


def recurrent_matrix(layer):
    return layer.W_x.weight.detach()
