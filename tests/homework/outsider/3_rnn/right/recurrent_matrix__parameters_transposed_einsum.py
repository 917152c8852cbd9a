# right: returns the transpose as it is stored; belongs to rnn_layer__parameters_transposed_einsum
def recurrent_matrix(layer):
    """Return W_h, the matrix that multiplies the hidden state h_{t-1} in a layer.

    Args:
        layer: an RNNLayer as you wrote it in 1.A, with any input size and hidden size.

    Returns:
        W_h, or its transpose, shape (H, H).
    """
    with torch.no_grad():
        return layer.get_parameter("V").clone()
