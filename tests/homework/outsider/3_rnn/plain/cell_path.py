def cell_path(forget_gates):
    """Return how much of a gradient at c_T arrives at each c_t along the cell state alone.

    Args:
        forget_gates: f_1 ... f_T, shape (B, T, H); it is left as it is.

    Returns:
        Shape (B, T, H): entry t is the product of f_{t+1} ... f_T, elementwise; the last one is 1.
    """
    path = torch.ones_like(forget_gates)
    for t in reversed(range(forget_gates.shape[1] - 1)):
        path[:, t] = path[:, t + 1] * forget_gates[:, t + 1]
    return path
