def rnn_backward(x, all_h, W_x, W_h, b, grad_h, derivative=tanh_derivative):
    """Backpropagate through time, without autograd, in a layer h_t = f(W_x x_t + W_h h_{t-1} + b) with h_0 = 0.

    Args:
        x: inputs, shape (B, T, D).
        all_h: the hidden states h_1 ... h_T of the forward pass, shape (B, T, H).
        W_x: shape (H, D).
        W_h: shape (H, H).
        b: shape (H,).
        grad_h: what the loss passes directly to each h_t, not through later states, shape (B, T, H).
        derivative: the function that gives f'(z_t) from h_t, elementwise.

    Returns:
        The gradients of the loss with respect to W_x (H, D), W_h (H, H), b (H,) and x (B, T, D),
        and the total gradient with respect to each h_t (B, T, H), in this order.
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
        carried = delta @ W_h
    return grad_W_x, grad_W_h, grad_b, grad_x, total_h
