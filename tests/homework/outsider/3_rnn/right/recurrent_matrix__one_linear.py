# right: the first H columns of the only matrix; belongs to rnn_layer__one_linear
def recurrent_matrix(layer):
    """Return W_h, the matrix that multiplies the hidden state h_{t-1} in a layer.

    Args:
        layer: an RNNLayer as you wrote it in 1.A, with any input size and hidden size.

    Returns:
        W_h, or its transpose, shape (H, H).
    """
    return layer.both.weight.data[:, : layer.hidden_size].clone()
