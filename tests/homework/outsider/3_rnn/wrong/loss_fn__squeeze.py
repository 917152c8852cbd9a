# wrong: squeezes both tensors to get rid of the last axis, which takes the batch axis away as well when there is one sequence only (B = 1 is the default of generate_batch); use squeeze(-1) or index axis 1.
def loss_fn(pred, y, last_timestep_only=False):
    """Return the mean squared error of predictions.

    Args:
        pred: predictions, shape (B, T) or (B, T, 1).
        y: targets, of the same shape as pred.
        last_timestep_only: if True, only the last timestep of each sequence counts; if False, all of them do.

    Returns:
        The mean of the squared errors, a tensor with a single number and shape ().
    """
    pred = pred.squeeze()
    y = y.squeeze()
    if last_timestep_only:
        return ((pred[:, -1] - y[:, -1]) ** 2).mean()
    return ((pred - y) ** 2).mean()
