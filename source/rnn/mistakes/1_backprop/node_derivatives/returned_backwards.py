"""Your five derivatives are right, but you return them in the order in which you computed them.

The docstring asks for the order of the graph, from the first node p to the last node t.
"""
# loses: test_node_derivatives
# category: order of results


def node_derivatives(w, u1, u2, u3):
    dy_dt = w
    dy_ds = dy_dt
    dy_dr = dy_ds * w
    dy_dq = dy_dr
    dy_dp = dy_dq * w
    return dy_dt, dy_ds, dy_dr, dy_dq, dy_dp
