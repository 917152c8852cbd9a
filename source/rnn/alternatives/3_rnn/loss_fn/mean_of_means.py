"""Makes both shapes three-dimensional and averages axis by axis."""


def loss_fn(pred, y, last_timestep_only=False):
    loss = ((pred - y) ** 2).reshape(pred.shape[0], pred.shape[1], -1)
    if last_timestep_only:
        loss = loss[:, -1:, :]
    return loss.mean(dim=2).mean(dim=1).mean(dim=0)
