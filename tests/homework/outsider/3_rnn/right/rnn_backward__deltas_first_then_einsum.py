# right: a first loop only for the deltas, then one einsum for each gradient over all timesteps at once
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
    T = x.size(1)
    slope = derivative(all_h)
    totals, deltas = [None] * T, [None] * T
    for t in range(T - 1, -1, -1):
        totals[t] = grad_h[:, t] if t == T - 1 else grad_h[:, t] + torch.matmul(deltas[t + 1], W_h)
        deltas[t] = totals[t] * slope[:, t]
    delta, total = torch.stack(deltas, 1), torch.stack(totals, 1)
    before = torch.cat([torch.zeros_like(all_h[:, :1]), all_h[:, :-1]], dim=1)
    return (
        torch.einsum("bth,btd->hd", delta, x),
        torch.einsum("bti,btj->ij", delta, before),
        delta.sum((0, 1)),
        torch.einsum("bth,hd->btd", delta, W_x),
        total,
    )
