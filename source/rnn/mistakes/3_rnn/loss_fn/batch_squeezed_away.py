"""squeeze() removes every axis of length 1: with one sequence, or one timestep, it takes the wrong one away too.

Name the axis, squeeze(-1), or index time as the second axis and leave the others alone.
"""
# loses: test_loss_fn
# category: shape


def loss_fn(pred, y, last_timestep_only=False):
    error = pred.squeeze() - y.squeeze()
    if last_timestep_only:
        error = error[:, -1]
    return error.square().mean()
