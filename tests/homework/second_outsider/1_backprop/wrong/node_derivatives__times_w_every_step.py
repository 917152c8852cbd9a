def node_derivatives(w, u1, u2, u3):
    dy_dt = w
    dy_ds = w * dy_dt
    dy_dr = w * dy_ds
    dy_dq = w * dy_dr
    dy_dp = w * dy_dq
    return dy_dp, dy_dq, dy_dr, dy_ds, dy_dt
