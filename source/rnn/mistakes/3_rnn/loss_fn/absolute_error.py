"""You average absolute errors.

The loss is the mean of their squares.
"""
# loses: test_loss_fn
# category: other loss


def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        pred, y = pred[:, -1], y[:, -1]
    return (pred - y).abs().mean()
