"""You return the root of the mean squared error.

The loss is the mean squared error itself.
"""
# loses: test_loss_fn
# category: other loss


def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        pred, y = pred[:, -1], y[:, -1]
    return ((pred - y) ** 2).mean().sqrt()
