# wrong: keeps sequences as lists, asks log_prob about lists and returns lists, where the text says tuples in all three places; a model that looks its prefix up in a dictionary raises a TypeError.
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
    kept = [([], 0.0)]
    for t in range(T):
        candidates = []
        for sequence, score in kept:
            log_p = log_prob(sequence)
            for token in range(len(log_p)):
                candidates.append((sequence + [token], score + float(log_p[token])))
        candidates.sort(key=lambda c: (-c[1], c[0]))
        kept = candidates[:k]
        beams.append(kept)
    return beams
