# right: no loop: cumulated product of the flipped gates, shifted by one step
def cell_path(forget_gates):
    """Return how much of a gradient at c_T arrives at each c_t along the cell state alone.

    Args:
        forget_gates: f_1 ... f_T, shape (B, T, H); it is left as it is.

    Returns:
        Shape (B, T, H): entry t is the product of f_{t+1} ... f_T, elementwise; the last one is 1.
    """
    from_the_end = forget_gates.flip(1).cumprod(1).flip(1)
    return torch.cat([from_the_end[:, 1:], torch.ones_like(forget_gates[:, :1])], dim=1)
