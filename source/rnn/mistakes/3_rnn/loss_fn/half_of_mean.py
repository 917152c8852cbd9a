"""Your loss is half the mean squared error.

Some books put a factor 1/2 in front so that it cancels in the gradient; here there is none.
"""
# loses: test_loss_fn
# category: other loss


def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        pred, y = pred[:, -1], y[:, -1]
    return ((pred - y) ** 2).mean() / 2
