"""Recursion on the first timesteps instead of a loop; returns a list."""


def tanh_derivative(h):
    return 1 - torch.square(h)


def rnn_backward(x, all_h, W_x, W_h, b, grad_h, derivative=tanh_derivative):
    if x.shape[1] == 0:
        return [torch.zeros_like(W_x), torch.zeros_like(W_h), torch.zeros_like(b), x.clone(), grad_h.clone()]
    total = grad_h[:, -1]
    delta = total * derivative(all_h[:, -1])
    earlier = grad_h[:, :-1].clone()
    of_W_h = torch.zeros_like(W_h)
    if x.shape[1] > 1:
        earlier[:, -1] += delta @ W_h
        of_W_h = delta.T @ all_h[:, -2]
    a, c, e, f, g = rnn_backward(x[:, :-1], all_h[:, :-1], W_x, W_h, b, earlier, derivative)
    last_x, last_h = (delta @ W_x)[:, None], total[:, None]
    return [a + delta.T @ x[:, -1], c + of_W_h, e + delta.sum(0), torch.cat([f, last_x], 1), torch.cat([g, last_h], 1)]
