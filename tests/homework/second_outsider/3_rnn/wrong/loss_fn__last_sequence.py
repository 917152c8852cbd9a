def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        pred = pred[-1]
        y = y[-1]
    return ((pred - y) ** 2).mean()
