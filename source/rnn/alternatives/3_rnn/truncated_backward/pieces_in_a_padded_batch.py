"""Two nested loops, over pieces from the last to the first and over the timesteps of each."""


def truncated_backward(x, all_h, W_x, W_h, b, grad_h, k, derivative=tanh_derivative):
    T = x.shape[1]
    grad_W_x, grad_W_h, grad_b = 0 * W_x, 0 * W_h, 0 * b
    grad_x, total = 0 * x, 0 * all_h
    for last in range((T - 1) // k, -1, -1):
        back = 0 * b
        for t in range(min(T, (last + 1) * k) - 1, last * k - 1, -1):
            total[:, t] = back + grad_h[:, t]
            delta = derivative(all_h[:, t]) * total[:, t]
            grad_W_x, grad_b = grad_W_x + delta.T.matmul(x[:, t]), grad_b + delta.sum(0)
            if t:
                grad_W_h = grad_W_h + delta.T.matmul(all_h[:, t - 1])
            grad_x[:, t], back = delta.matmul(W_x), delta.matmul(W_h)
    return [grad_W_x, grad_W_h, grad_b, grad_x, total]
