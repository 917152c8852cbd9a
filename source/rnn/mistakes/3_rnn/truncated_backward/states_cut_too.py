"""At a border you also forget the VALUE of the state before. A detached state passes no gradient back, but it still counts for W_h.

Use all_h[:, t - 1] at every timestep but the first.
"""
# loses: test_truncated_backward
# category: value cut


def truncated_backward(x, all_h, W_x, W_h, b, grad_h, k, derivative=tanh_derivative):
    sums = [torch.zeros_like(W_x), torch.zeros_like(W_h), torch.zeros_like(b)]
    grad_x, total_h = torch.zeros_like(x), grad_h.clone()
    for t in range(x.shape[1] - 1, -1, -1):
        delta = total_h[:, t] * derivative(all_h[:, t])
        before = all_h[:, t - 1] if t % k else torch.zeros_like(delta)
        for result, more in zip(sums, (delta.T @ x[:, t], delta.T @ before, delta.sum(dim=0))):
            result += more
        grad_x[:, t] = delta @ W_x
        if t % k:
            total_h[:, t - 1] += delta @ W_h
    return (*sums, grad_x, total_h)
