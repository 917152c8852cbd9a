"""Your loss changes the targets it was given (an operation that ends in an underscore), so a second call gives another result.

Write pred - y, which makes a new tensor.
"""
# loses: test_loss_fn
# category: input changed in place


def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        pred, y = pred[:, -1], y[:, -1]
    return y.sub_(pred).pow(2).mean()
