"""Your loss is the same whether last_timestep_only is set or not.

With it, only the last timestep of each sequence counts.
"""
# loses: test_loss_fn
# category: option ignored


def loss_fn(pred, y, last_timestep_only=False):
    return ((pred - y) ** 2).mean()
