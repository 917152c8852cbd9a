def truncated_backward(x, all_h, W_x, W_h, b, grad_h, k, derivative=tanh_derivative):
    sums, xs, hs = None, [], []
    for start in range(0, x.shape[1], k):
        s = slice(start, start + k)
        gWx, gWh, gb, gx, gh = rnn_backward(x[:, s], all_h[:, s], W_x, W_h, b, grad_h[:, s], derivative)
        if start:
            gWh = gWh + (gh[:, 0] * derivative(all_h[:, start])).T @ all_h[:, start - 1]
        sums = [gWx, gWh, gb] if sums is None else [u + v for u, v in zip(sums, (gWx, gWh, gb))]
        xs.append(gx)
        hs.append(gh)
    return (*sums, torch.cat(xs, dim=1), torch.cat(hs, dim=1))
