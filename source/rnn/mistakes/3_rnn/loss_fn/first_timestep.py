"""With last_timestep_only you take the first timestep.

Look at the index along the second axis.
"""
# loses: test_loss_fn
# category: off-by-one in time


def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        pred, y = pred[:, 0], y[:, 0]
    return ((pred - y) ** 2).mean()
