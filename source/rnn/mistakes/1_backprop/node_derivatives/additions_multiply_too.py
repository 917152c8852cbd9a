"""You multiply by w at every node on the way back, also at the additions.

Where an input is merely added, a change of the state passes unchanged: only the multiplications by w contribute a factor.
"""
# loses: test_node_derivatives
# category: too many factors


def node_derivatives(w, u1, u2, u3):
    dy_dt = w
    dy_ds = dy_dt * w
    dy_dr = dy_ds * w
    dy_dq = dy_dr * w
    dy_dp = dy_dq * w
    return dy_dp, dy_dq, dy_dr, dy_ds, dy_dt
