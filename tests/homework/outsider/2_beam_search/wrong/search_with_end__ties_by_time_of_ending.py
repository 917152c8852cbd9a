# wrong: sorts the result by the score alone, so equal ones stay in the order in which they ended; the one that Python sorts first is to come first, so the sequence belongs into the key.
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
        candidates = sorted(
            (((*seq, token), score + float(lp)) for seq, score in beam for token, lp in enumerate(log_prob(seq))),
            key=lambda c: (-c[1], c[0]),
        )[:k]
        finished += [c for c in candidates if c[0][-1] == end]
        beam = [c for c in candidates if c[0][-1] != end]
        if not beam:
            break
    result = [(seq, score / len(seq) ** alpha) for seq, score in finished + beam]
    result.sort(key=lambda c: c[1], reverse=True)
    return result
