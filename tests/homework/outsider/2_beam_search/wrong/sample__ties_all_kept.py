# wrong: keeps every token that is at least as likely as the k-th, so with equal probabilities more than top_k are left; of equal ones only the smaller numbers may stay.
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
    seq = ()
    for t in range(T):
        logp = np.array(log_prob(seq), dtype=float)
        if temperature == 0:
            seq += (int(logp.argmax()),)
            continue
        p = np.exp((logp - logp.max()) / temperature)
        if top_k is not None:
            threshold = np.sort(p)[-top_k]
            p[p < threshold] = 0.0
        p /= p.sum()
        c = np.cumsum(p)
        seq += (int(np.sum(c <= uniforms[t])),)
    return seq
