def truncated_backward(x, all_h, W_x, W_h, b, grad_h, k, derivative=tanh_derivative):
    """Backpropagate through time within pieces of k timesteps; between pieces the state is detached.

    Args:
        x, all_h, W_x, W_h, b, grad_h, derivative: as in rnn_backward.
        k: the number of timesteps of a piece, at least 1; the last piece may be shorter.

    Returns:
        The same five tensors as rnn_backward.
    """
    grad_W_x, grad_W_h, grad_b, grad_x, total_h = (torch.zeros_like(v) for v in (W_x, W_h, b, x, all_h))
    carried = torch.zeros_like(all_h[:, 0])
    for t in reversed(range(x.shape[1])):
        total = grad_h[:, t] + carried
        delta = total * derivative(all_h[:, t])
        grad_W_x += delta.T @ x[:, t]
        if t > 0:
            grad_W_h += delta.T @ all_h[:, t - 1]
        grad_b += delta.sum(dim=0)
        grad_x[:, t] = delta @ W_x
        total_h[:, t] = total
        carried = delta @ W_h if t % k else torch.zeros_like(delta)
    return grad_W_x, grad_W_h, grad_b, grad_x, total_h
