"""You take the last axis for time, which is true for (B, T), but not for (B, T, 1).

Time is always the second axis.
"""
# loses: test_loss_fn
# category: shape


def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        pred, y = pred[..., -1], y[..., -1]
    return ((pred - y) ** 2).mean()
