"""You stop after the last piece: earlier pieces have losses of their own, and their gradients are missing.

Go through all timesteps; only what is sent back is cut.
"""
# loses: test_truncated_backward
# category: pieces missing


def truncated_backward(x, all_h, W_x, W_h, b, grad_h, k, derivative=tanh_derivative):
    sums = [torch.zeros_like(W_x), torch.zeros_like(W_h), torch.zeros_like(b)]
    grad_x, total_h = torch.zeros_like(x), grad_h.clone()
    for t in range(x.shape[1] - 1, (x.shape[1] - 1) // k * k - 1, -1):
        delta = total_h[:, t] * derivative(all_h[:, t])
        before = all_h[:, t - 1] if t else torch.zeros_like(delta)
        for result, more in zip(sums, (delta.T @ x[:, t], delta.T @ before, delta.sum(dim=0))):
            result += more
        grad_x[:, t] = delta @ W_x
        if t % k:
            total_h[:, t - 1] += delta @ W_h
    return (*sums, grad_x, total_h)
