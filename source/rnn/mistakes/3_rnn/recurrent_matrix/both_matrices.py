"""You return input and hidden matrix side by side, which is not square and has no eigenvalues.

Only the part that multiplies the hidden state belongs in it.
"""
# loses: test_recurrent_matrix
# category: wrong matrix


def recurrent_matrix(layer):
    return torch.cat([layer.W_x.weight, layer.W_h.weight], dim=1).detach()
