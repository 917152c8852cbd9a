"""With last_timestep_only you take the last sequence of the batch, not the last timestep of each sequence.

The first axis is the batch, the second is time.
"""
# loses: test_loss_fn
# category: shape


def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        pred, y = pred[-1], y[-1]
    return ((pred - y) ** 2).mean()
