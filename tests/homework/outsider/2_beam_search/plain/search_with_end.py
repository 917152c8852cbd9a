def search_with_end(log_prob, k, T, end, alpha):
    """Search for likely sequences that may end early, and compare them by length-normalised scores.

    Args:
        log_prob: A function of a tuple of tokens that returns the log-probabilities of the next token, shape (M,).
        k: How many continuations to take at every timestep, an integer >= 1.
        T: The largest number of tokens, an integer >= 1.
        end: The number of the end symbol.
        alpha: The exponent of the length, a number >= 0.

    Returns:
        A list of pairs (sequence, score), best first; sequence is a tuple of integers, with its end symbol if it has one.
    """
    beam, finished = [((), 0.0)], []
    for _ in range(T):
        candidates = []
        for sequence, score in beam:
            for token, value in enumerate(log_prob(sequence)):
                candidates.append(((*sequence, token), score + float(value)))
        candidates.sort(key=lambda pair: (-pair[1], pair[0]))
        beam = []
        for sequence, score in candidates[:k]:
            (finished if sequence[-1] == end else beam).append((sequence, score))
        if not beam:
            break
    result = [(sequence, score / len(sequence) ** alpha) for sequence, score in finished + beam]
    return sorted(result, key=lambda pair: (-pair[1], pair[0]))
