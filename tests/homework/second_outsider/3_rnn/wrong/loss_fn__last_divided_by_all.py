def loss_fn(pred, y, last_timestep_only=False):
    mask = torch.ones_like(pred)
    if last_timestep_only:
        mask[:, :-1] = 0
    return (mask * (pred - y) ** 2).mean()
