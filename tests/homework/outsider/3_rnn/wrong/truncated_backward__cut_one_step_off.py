# wrong: cuts after (t + 1) % k == 0 in Python's counting, which is the last timestep of a piece; the first one of a piece, t % k == 0, sends nothing back.
def truncated_backward(x, all_h, W_x, W_h, b, grad_h, k, derivative=tanh_derivative):
    """Backpropagate through time within pieces of k timesteps; between pieces the state is detached.

    Args:
        x, all_h, W_x, W_h, b, grad_h, derivative: as in rnn_backward.
        k: the number of timesteps of a piece, at least 1; the last piece may be shorter.

    Returns:
        The same five tensors as rnn_backward.
    """
    dW_x, dW_h, db, dx, dh = (torch.zeros_like(v) for v in (W_x, W_h, b, x, all_h))
    carried = torch.zeros_like(all_h[:, 0])
    for t in reversed(range(x.shape[1])):
        total = grad_h[:, t] + carried
        delta = total * derivative(all_h[:, t])
        dW_x += delta.T @ x[:, t]
        if t > 0:
            dW_h += delta.T @ all_h[:, t - 1]
        db += delta.sum(0)
        dx[:, t] = delta @ W_x
        dh[:, t] = total
        if (t + 1) % k == 0:
            carried = torch.zeros_like(delta)
        else:
            carried = delta @ W_h
    return dW_x, dW_h, db, dx, dh
