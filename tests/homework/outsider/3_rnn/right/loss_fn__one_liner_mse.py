# right: one line with F.mse_loss and a slice that keeps the axis
def loss_fn(pred, y, last_timestep_only=False):
    """Return the mean squared error of predictions.

    Args:
        pred: predictions, shape (B, T) or (B, T, 1).
        y: targets, of the same shape as pred.
        last_timestep_only: if True, only the last timestep of each sequence counts; if False, all of them do.

    Returns:
        The mean of the squared errors, a tensor with a single number and shape ().
    """
    return F.mse_loss(*((v[:, -1:] if last_timestep_only else v) for v in (pred, y)))
