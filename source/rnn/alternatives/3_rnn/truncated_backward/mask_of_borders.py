"""A vector of ones and zeros says where gradients pass; products by einsum after the loop."""


def truncated_backward(x, all_h, W_x, W_h, b, grad_h, k, derivative=tanh_derivative):
    steps = torch.arange(x.shape[1])
    passes = (steps % k != 0).to(x.dtype)
    slopes, total = derivative(all_h), grad_h.clone()
    delta = torch.zeros_like(all_h)
    for t in steps.flip(0).tolist():
        delta[:, t] = slopes[:, t] * total[:, t]
        if t > 0:
            total[:, t - 1] = total[:, t - 1] + passes[t] * (delta[:, t] @ W_h)
    shifted = torch.nn.functional.pad(all_h, (0, 0, 1, 0))[:, :-1]
    products = [torch.einsum("bth,btd->hd", delta, value) for value in (x, shifted)]
    return products[0], products[1], delta.sum(dim=(0, 1)), delta @ W_x, total
