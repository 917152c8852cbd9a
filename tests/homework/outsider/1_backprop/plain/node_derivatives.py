def node_derivatives(w, u1, u2, u3):
    """Compute the partial derivatives of y with respect to the nodes of the graph.

    Args:
        w: The weight, a float.
        u1, u2, u3: The inputs, three floats.

    Returns:
        (dy_dp, dy_dq, dy_dr, dy_ds, dy_dt): five numbers, from the first node to the last.
    """
    dy_dt = w
    dy_ds = dy_dt
    dy_dr = dy_ds * w
    dy_dq = dy_dr
    dy_dp = dy_dq * w
    return dy_dp, dy_dq, dy_dr, dy_ds, dy_dt
