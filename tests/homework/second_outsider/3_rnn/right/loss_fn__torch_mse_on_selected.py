def loss_fn(pred, y, last_timestep_only=False):
    T = pred.size(1)
    pick = torch.tensor([T - 1]) if last_timestep_only else torch.arange(T)
    pick = pick.to(pred.device)
    return nn.MSELoss(reduction="mean")(pred.index_select(1, pick), y.index_select(1, pick))
