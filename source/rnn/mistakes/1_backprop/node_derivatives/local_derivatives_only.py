"""You give how each node changes the *next* node, and do not multiply by what happens from there to y.

The chain rule needs the whole way: the derivative at the next node, times the local one.
"""
# loses: test_node_derivatives
# category: forgotten accumulated path


def node_derivatives(w, u1, u2, u3):
    dq_dp = w
    dr_dq = 1.0
    ds_dr = w
    dt_ds = 1.0
    dy_dt = w
    return dq_dp, dr_dq, ds_dr, dt_ds, dy_dt
