def rnn_backward(x, all_h, W_x, W_h, b, grad_h, derivative=tanh_derivative):
    T = x.size(1)
    dWx = torch.zeros_like(W_x)
    dWh = torch.zeros_like(W_h)
    db = torch.zeros_like(b)
    dx = torch.zeros_like(x)
    total = torch.zeros_like(all_h)
    carried = torch.zeros_like(all_h[:, 0])
    for t in range(T - 1, -1, -1):
        total[:, t] = grad_h[:, t] + carried
        delta = total[:, t] * derivative(all_h[:, t])
        dWx = dWx + delta.T @ x[:, t]
        if t > 0:
            dWh = dWh + delta.T @ all_h[:, t - 1]
        db = db + delta.sum(dim=0)
        dx[:, t] = delta @ W_x
        carried = delta @ W_h.T
    return dWx, dWh, db, dx, total
