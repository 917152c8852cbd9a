def truncated_backward(x, all_h, W_x, W_h, b, grad_h, k, derivative=tanh_derivative):
    T = x.shape[1]
    res = None
    dxs, totals = [], []
    for start in range(0, T, k):
        sl = slice(start, min(start + k, T))
        a, c, d, e, f = rnn_backward(x[:, sl], all_h[:, sl], W_x, W_h, b, grad_h[:, sl], derivative)
        res = [a, c, d] if res is None else [res[0] + a, res[1] + c, res[2] + d]
        dxs.append(e)
        totals.append(f)
    return res[0], res[1], res[2], torch.cat(dxs, 1), torch.cat(totals, 1)
