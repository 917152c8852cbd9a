"""You take all timesteps when last_timestep_only is True, and the last one when it is False.

Look at the condition of your if.
"""
# loses: test_loss_fn
# category: option inverted


def loss_fn(pred, y, last_timestep_only=False):
    if not last_timestep_only:
        pred, y = pred[:, -1], y[:, -1]
    return ((pred - y) ** 2).mean()
