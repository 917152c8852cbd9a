# wrong: divides the product of all gates by the product up to t, which is 0 / 0 = nan as soon as a gate is 0; multiply from the end instead.
def cell_path(forget_gates):
    """Return how much of a gradient at c_T arrives at each c_t along the cell state alone.

    Args:
        forget_gates: f_1 ... f_T, shape (B, T, H); it is left as it is.

    Returns:
        Shape (B, T, H): entry t is the product of f_{t+1} ... f_T, elementwise; the last one is 1.
    """
    cum = torch.cumprod(forget_gates, dim=1)
    return cum[:, -1:] / cum
