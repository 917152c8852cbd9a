# wrong: computes the loss in NumPy, so the result has no history and backward() cannot reach the parameters; stay in torch.
def loss_fn(pred, y, last_timestep_only=False):
    """Return the mean squared error of predictions.

    Args:
        pred: predictions, shape (B, T) or (B, T, 1).
        y: targets, of the same shape as pred.
        last_timestep_only: if True, only the last timestep of each sequence counts; if False, all of them do.

    Returns:
        The mean of the squared errors, a tensor with a single number and shape ().
    """
    p = pred.detach().numpy()
    t = y.detach().numpy()
    if last_timestep_only:
        p, t = p[:, -1], t[:, -1]
    return torch.tensor(np.mean((p - t) ** 2))
