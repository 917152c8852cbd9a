# wrong: sends the gradient back with W_h.T, as in the formula for a column; for a row vector it is Delta @ W_h. With square matrices the shapes do not give it away.
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
    grads = [torch.zeros_like(v) for v in (W_x, W_h, b, x, all_h)]
    gW_x, gW_h, gb, gx, gh = grads
    future = torch.zeros_like(all_h[:, 0])
    for t in range(x.size(1) - 1, -1, -1):
        gh[:, t] = grad_h[:, t] + future
        delta = gh[:, t] * derivative(all_h[:, t])
        h_prev = all_h[:, t - 1] if t > 0 else torch.zeros_like(all_h[:, 0])
        gW_x += delta.T @ x[:, t]
        gW_h += delta.T @ h_prev
        gb += delta.sum(dim=0)
        gx[:, t] = delta @ W_x
        future = delta @ W_h.T
    return gW_x, gW_h, gb, gx, gh
