"""Only the last timestep gets what the loss passes to it directly; at all others you keep what comes from later, but drop grad_h[:, t].

The total is the sum of both.
"""
# loses: test_rnn_backward
# category: direct part


def tanh_derivative(h):
    return 1 - h**2


def rnn_backward(x, all_h, W_x, W_h, b, grad_h, derivative=tanh_derivative):
    total_h, grad_x = torch.empty_like(all_h), torch.empty_like(x)
    grad_W_x, grad_W_h, grad_b = torch.zeros_like(W_x), torch.zeros_like(W_h), torch.zeros_like(b)
    from_later = torch.zeros_like(all_h[:, 0])
    for t in reversed(range(x.shape[1])):
        total_h[:, t] = grad_h[:, t] if t == x.shape[1] - 1 else from_later
        delta = total_h[:, t] * derivative(all_h[:, t])
        if t > 0:
            grad_W_h += delta.T @ all_h[:, t - 1]
        grad_W_x += delta.T @ x[:, t]
        grad_b += delta.sum(dim=0)
        grad_x[:, t] = delta @ W_x
        from_later = delta @ W_h
    return grad_W_x, grad_W_h, grad_b, grad_x, total_h
