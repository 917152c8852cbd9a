"""All your derivatives lack one factor w: you start with 1 at t, as if t were the output.

The output is y; what happens between t and y belongs to the first derivative, and to all that follow.
"""
# loses: test_node_derivatives
# category: off-by-one power


def node_derivatives(w, u1, u2, u3):
    dy_dt = 1.0
    dy_ds = dy_dt
    dy_dr = dy_ds * w
    dy_dq = dy_dr
    dy_dp = dy_dq * w
    return dy_dp, dy_dq, dy_dr, dy_ds, dy_dt
