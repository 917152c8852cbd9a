def loss_fn(pred, y, last_timestep_only=False):
    se = (pred - y).pow(2)
    if not last_timestep_only:
        return se[:, -1].mean()
    return se.mean()
