# wrong: normalises over the timesteps (dim=1 of (B, T, M)) instead of the tokens; the probabilities of the M tokens should add up to 1, so dim=-1.
def rnn_log_prob(model, prefix):
    """Compute the log-probabilities of the token after a prefix.

    Args:
        model: A language model; model(tokens) maps integers (B, T) to logits (B, T, M).
        prefix: The tokens so far without the start symbol, a tuple of integers, possibly empty.

    Returns:
        The log-probabilities of the next token, a tensor or an array of shape (M,).
    """
    tokens = torch.tensor([[model.start] + list(prefix)])
    logits = model(tokens)  # (1, T, M)
    log_p = torch.log_softmax(logits, dim=1)
    return log_p[0, -1].detach()
