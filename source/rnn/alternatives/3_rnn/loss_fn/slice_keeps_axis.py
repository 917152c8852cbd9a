"""nn.MSELoss on a slice that keeps the time axis."""


def loss_fn(pred, y, last_timestep_only=False):
    start = -1 if last_timestep_only else 0
    return nn.MSELoss()(pred[:, start:], y[:, start:])
