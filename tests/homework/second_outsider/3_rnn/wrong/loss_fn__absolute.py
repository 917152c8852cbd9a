def loss_fn(pred, y, last_timestep_only=False):
    if last_timestep_only:
        pred, y = pred[:, -1], y[:, -1]
    return (pred - y).abs().mean()
