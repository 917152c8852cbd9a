# right: torch.autograd for all five nodes, in float64, returned as a tensor of shape (5,)
def node_derivatives(w, u1, u2, u3):
    """Compute the partial derivatives of y with respect to the nodes of the graph.

    Args:
        w: The weight, a float.
        u1, u2, u3: The inputs, three floats.

    Returns:
        (dy_dp, dy_dq, dy_dr, dy_ds, dy_dt): five numbers, from the first node to the last.
    """
    w = torch.tensor(w, dtype=torch.float64)
    p = torch.tensor(u1, dtype=torch.float64, requires_grad=True)
    q = w * p
    r = q + u2
    s = w * r
    t = s + u3
    y = w * t
    return torch.stack(torch.autograd.grad(y, [p, q, r, s, t]))
