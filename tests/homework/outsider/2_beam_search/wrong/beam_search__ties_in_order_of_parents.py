# wrong: sorts by the score alone and leaves ties in the order in which they came up, that of the better parent; the text wants the lexicographically smaller sequence first, so it belongs into the sort key.
def beam_search(log_prob, k, T):
    """Search for likely sequences of T tokens, keeping the k best at every timestep.

    Args:
        log_prob: A function of a tuple of tokens that returns the log-probabilities of the next token, shape (M,).
        k: How many sequences to keep, an integer >= 1.
        T: How many tokens to generate, an integer >= 1.

    Returns:
        beams: A list of T lists; beams[t] holds the (at most k) kept sequences of t + 1 tokens as pairs
            (sequence, score), best first, where sequence is a tuple of integers and score a number.
    """
    beams = []
    kept = [((), 0.0)]
    for t in range(T):
        candidates = []
        for seq, score in kept:
            logp = log_prob(seq)
            for token in range(len(logp)):
                candidates.append((seq + (token,), score + logp[token]))
        candidates.sort(key=lambda c: c[1], reverse=True)
        kept = candidates[:k]
        beams.append(kept)
    return beams
