"""Sum of squares divided by how many there are."""


def loss_fn(pred, y, last_timestep_only=False):
    error = (pred - y).select(1, -1) if last_timestep_only else pred - y
    return torch.sum(error * error) / error.numel()
