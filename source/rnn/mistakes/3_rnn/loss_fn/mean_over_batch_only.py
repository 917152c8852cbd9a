"""You add up over time and take the mean over the batch only.

The mean runs over all sequences and all timesteps alike.
"""
# loses: test_loss_fn
# category: mean


def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        pred, y = pred[:, -1], y[:, -1]
    return ((pred - y) ** 2).sum() / len(pred)
