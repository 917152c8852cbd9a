# right: calls rnn_backward for each piece and adds what the first state of a piece owes to the state before it
def truncated_backward(x, all_h, W_x, W_h, b, grad_h, k, derivative=tanh_derivative):
    """Backpropagate through time within pieces of k timesteps; between pieces the state is detached.

    Args:
        x, all_h, W_x, W_h, b, grad_h, derivative: as in rnn_backward.
        k: the number of timesteps of a piece, at least 1; the last piece may be shorter.

    Returns:
        The same five tensors as rnn_backward.
    """
    pieces = []
    extra = torch.zeros_like(W_h)
    for start in range(0, x.shape[1], k):
        part = slice(start, start + k)
        got = rnn_backward(x[:, part], all_h[:, part], W_x, W_h, b, grad_h[:, part], derivative)
        if start > 0:
            first_delta = got[4][:, 0] * derivative(all_h[:, start])
            extra = extra + first_delta.T @ all_h[:, start - 1]
        pieces.append(got)
    gW_x, gW_h, gb = (sum(piece[i] for piece in pieces) for i in range(3))
    return gW_x, gW_h + extra, gb, torch.cat([p[3] for p in pieces], 1), torch.cat([p[4] for p in pieces], 1)
