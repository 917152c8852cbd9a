def truncated_backward(x, all_h, W_x, W_h, b, grad_h, k, derivative=tanh_derivative):
    T = x.shape[1]
    parts = []
    total = torch.zeros_like(all_h)
    dx = torch.zeros_like(x)
    dWx, dWh, db = torch.zeros_like(W_x), torch.zeros_like(W_h), torch.zeros_like(b)
    carried = torch.zeros_like(all_h[:, 0])
    steps = 0
    for t in reversed(range(T)):
        if steps == k:
            carried = torch.zeros_like(carried)
            steps = 0
        steps += 1
        total[:, t] = grad_h[:, t] + carried
        delta = total[:, t] * derivative(all_h[:, t])
        dWx += delta.T @ x[:, t]
        if t:
            dWh += delta.T @ all_h[:, t - 1]
        db += delta.sum(0)
        dx[:, t] = delta @ W_x
        carried = delta @ W_h
    return dWx, dWh, db, dx, total
