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
    kept = [((), 0.0)]
    beams = []
    for _ in range(T):
        candidates = []
        for sequence, score in kept:
            for token, value in enumerate(log_prob(sequence)):
                candidates.append(((*sequence, token), score + float(value)))
        candidates.sort(key=lambda pair: (-pair[1], pair[0]))
        kept = candidates[:k]
        beams.append(kept)
    return beams
