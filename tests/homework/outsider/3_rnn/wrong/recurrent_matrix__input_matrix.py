# wrong: returns W_x, the matrix that multiplies the input; asked for is the one that multiplies the hidden state.
def recurrent_matrix(layer):
    """Return W_h, the matrix that multiplies the hidden state h_{t-1} in a layer.

    Args:
        layer: an RNNLayer as you wrote it in 1.A, with any input size and hidden size.

    Returns:
        W_h, or its transpose, shape (H, H).
    """
    return layer.input_map.weight.detach()
