"""One backward loop with a carried gradient that is set to zero at borders."""


def truncated_backward(x, all_h, W_x, W_h, b, grad_h, k, derivative=tanh_derivative):
    T, results = x.shape[1], [torch.zeros_like(p) for p in (W_x, W_h, b, x, all_h)]
    carried = torch.zeros_like(grad_h[:, 0])
    for t in reversed(range(T)):
        results[4][:, t] = grad_h[:, t] + carried
        delta = results[4][:, t] * derivative(all_h[:, t])
        results[0] += delta.T @ x[:, t]
        if t:
            results[1] += delta.T @ all_h[:, t - 1]
        results[2] += delta.sum(0)
        results[3][:, t] = delta @ W_x
        carried = delta @ W_h * (t % k != 0)
    return tuple(results)
