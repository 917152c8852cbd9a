"""You return one loss per sequence in place of a single number.

The mean runs over the sequences too.
"""
# loses: test_loss_fn
# category: shape


def loss_fn(pred, y, last_timestep_only=False):
    loss = (pred - y) ** 2
    if last_timestep_only:
        return loss[:, -1]
    return loss.mean(dim=1)
