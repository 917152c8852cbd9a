"""Your loss is only a number: it was detached, or made with .item(), so nothing can be learned from it.

Return the tensor itself.
"""
# loses: test_loss_fn
# category: gradient cut


def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        pred, y = pred[:, -1], y[:, -1]
    return ((pred - y) ** 2).mean().detach()
