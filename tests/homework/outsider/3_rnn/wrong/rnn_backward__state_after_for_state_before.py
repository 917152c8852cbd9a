# wrong: pairs Delta_t with h_t in the gradient of W_h instead of h_{t-1}, the state that W_h multiplied at timestep t; one step too late.
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
    B, T, H = all_h.shape
    dW_x, dW_h, db, dx, dh = torch.zeros_like(W_x), torch.zeros_like(W_h), torch.zeros_like(b), torch.zeros_like(x), torch.zeros_like(all_h)
    carried = torch.zeros_like(all_h[:, 0])
    for t in reversed(range(T)):
        G = grad_h[:, t] + carried
        delta = G * derivative(all_h[:, t])
        dW_x += delta.T @ x[:, t]
        dW_h += delta.T @ all_h[:, t]
        db += delta.sum(0)
        dx[:, t] = delta @ W_x
        dh[:, t] = G
        carried = delta @ W_h
    return dW_x, dW_h, db, dx, dh
