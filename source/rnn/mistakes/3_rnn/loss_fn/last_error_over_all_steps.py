"""With last_timestep_only you divide by the number of all timesteps, as if the others had an error of zero.

The mean runs over the errors that count, and only over those.
"""
# loses: test_loss_fn
# category: mean


def loss_fn(pred, y, last_timestep_only=False):
    loss = (pred - y) ** 2
    if last_timestep_only:
        return loss[:, -1].sum() / loss.numel()
    return loss.mean()
