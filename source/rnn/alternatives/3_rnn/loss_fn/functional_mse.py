"""F.mse_loss in two branches."""


def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        return F.mse_loss(pred[:, -1], y[:, -1])
    return F.mse_loss(pred, y)
