"""Your layer has one matrix for input and hidden state side by side, and you cut out the wrong columns.

Check which of the two comes first in your torch.cat.
"""
# loses: test_recurrent_matrix
# category: wrong matrix


def recurrent_matrix(layer):
    both = torch.cat([layer.W_x.weight, layer.W_h.weight], dim=1).detach()  # input first
    return both[:, : layer.hidden_size]
