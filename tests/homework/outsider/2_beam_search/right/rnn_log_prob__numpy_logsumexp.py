# right: NumPy detour with a log-sum-exp of one's own, array instead of tensor, gradient switched off by detach
def rnn_log_prob(model, prefix):
    """Compute the log-probabilities of the token after a prefix.

    Args:
        model: A language model; model(tokens) maps integers (B, T) to logits (B, T, M).
        prefix: The tokens so far without the start symbol, a tuple of integers, possibly empty.

    Returns:
        The log-probabilities of the next token, a tensor or an array of shape (M,).
    """
    ids = torch.LongTensor((model.start,) + tuple(int(i) for i in prefix))
    z = model(ids.unsqueeze(0)).detach().cpu().numpy().astype(np.float64)[0][-1]
    m = z.max()
    return z - (m + np.log(np.exp(z - m).sum()))
