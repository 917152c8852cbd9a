"""Your walk back stops one multiplication too early: between p and q the weight is applied once more.

Compare the arrow from p to q with the one from q to r.
"""
# loses: test_node_derivatives
# category: missing factor


def node_derivatives(w, u1, u2, u3):
    dy_dt = w
    dy_ds = w
    dy_dr = w**2
    dy_dq = w**2
    dy_dp = w**2
    return dy_dp, dy_dq, dy_dr, dy_ds, dy_dt
