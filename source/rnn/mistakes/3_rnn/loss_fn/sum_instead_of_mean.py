"""You add the squared errors up, so the loss grows with the batch and the length of the sequences.

The loss is their mean.
"""
# loses: test_loss_fn
# category: mean


def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        pred, y = pred[:, -1], y[:, -1]
    return ((pred - y) ** 2).sum()
