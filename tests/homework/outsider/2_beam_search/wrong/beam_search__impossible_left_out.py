# wrong: throws away continuations of probability 0, so fewer than k are returned where the text says that an impossible token comes last but counts as a candidate.
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
    kept, beams = [((), 0.0)], []
    for _ in range(T):
        candidates = []
        for sequence, score in kept:
            for token, lp in enumerate(log_prob(sequence)):
                if lp == -np.inf:
                    continue  # can never happen
                candidates.append((sequence + (token,), score + lp))
        kept = sorted(candidates, key=lambda c: (-c[1], c[0]))[:k]
        beams.append(kept)
    return beams
