"""Your loss only ever looks at the last timestep.

Without last_timestep_only, all timesteps count.
"""
# loses: test_loss_fn
# category: option ignored


def loss_fn(pred, y, last_timestep_only=False):
    return ((pred[:, -1] - y[:, -1]) ** 2).mean()
