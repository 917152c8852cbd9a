def sample(log_prob, T, temperature, top_k, uniforms):
    """Draw a sequence of T tokens from a model.

    Args:
        log_prob: A function of a tuple of tokens that returns the log-probabilities of the next token, shape (M,).
        T: How many tokens to draw, an integer >= 1.
        temperature: A number >= 0; 0 takes the most likely token every time.
        top_k: How many of the most likely tokens may be drawn, an integer >= 1, or None for all.
        uniforms: T numbers, 0 <= u < 1, an array of shape (T,).

    Returns:
        The sequence, a tuple of T integers.
    """
    sequence = ()
    for u in uniforms:
        logs = np.asarray(log_prob(sequence), dtype=float)
        if temperature == 0:
            token = int(np.argmax(logs))
        else:
            weights = np.exp((logs - logs.max()) / temperature)
            if top_k is not None:
                order = np.argsort(-logs, kind="stable")
                weights[order[top_k:]] = 0
            c = np.cumsum(weights) / weights.sum()
            token = int(np.searchsorted(c, u, side="right"))
        sequence = (*sequence, token)
    return sequence
