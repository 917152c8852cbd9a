"""One sequence after the other, with columns and outer products as in the formula."""


def tanh_derivative(h):
    return 1 - h * h


def rnn_backward(x, all_h, W_x, W_h, b, grad_h, derivative=tanh_derivative):
    gWx, gWh, gb = torch.zeros_like(W_x), torch.zeros_like(W_h), torch.zeros_like(b)
    gx, G = torch.zeros_like(x), torch.zeros_like(all_h)
    for n in range(x.shape[0]):
        back = torch.zeros_like(b)
        h0 = torch.zeros_like(b)
        for t in reversed(range(x.shape[1])):
            G[n, t] = grad_h[n, t] + back
            d = torch.diag(derivative(all_h[n, t])) @ G[n, t]
            gWx += torch.outer(d, x[n, t])
            gWh += torch.outer(d, all_h[n, t - 1] if t else h0)
            gb += d
            gx[n, t] = W_x.T @ d
            back = W_h.T @ d
    return gWx, gWh, gb, gx, G
