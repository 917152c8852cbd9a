def rnn_backward(x, all_h, W_x, W_h, b, grad_h, derivative=tanh_derivative):
    B, T, D = x.shape
    gWx, gWh, gb = torch.zeros_like(W_x), torch.zeros_like(W_h), torch.zeros_like(b)
    gx, gh = torch.zeros_like(x), torch.zeros_like(all_h)
    carry = torch.zeros_like(all_h[:, 0])
    for t in reversed(range(T)):
        g = grad_h[:, t] + carry
        gh[:, t] = g
        d = g * derivative(all_h[:, t])
        gWx += d.T @ x[:, t]
        gWh += d.T @ all_h[:, t]
        gb += d.sum(0)
        gx[:, t] = d @ W_x
        carry = d @ W_h
    return gWx, gWh, gb, gx, gh
