"""Your loss reads exactly two axes and stops for predictions of shape (B, T, 1).

Index time as the second axis and leave the others alone; then both shapes work.
"""
# loses: test_loss_fn
# category: shape


def loss_fn(pred, y, last_timestep_only=False):
    B, T = pred.shape
    if last_timestep_only:
        pred, y = pred[:, -1], y[:, -1]
    return ((pred - y) ** 2).mean()
