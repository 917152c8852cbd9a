# wrong: loops until no unfinished sequence is left and ignores T, which with a model that can always go on never ends; stop after T tokens and return what is unfinished, too.
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
    while beam:
        candidates = []
        for seq, score in beam:
            for token, lp in enumerate(log_prob(seq)):
                candidates.append((seq + (token,), score + lp))
        candidates.sort(key=lambda c: (-c[1], c[0]))
        beam = []
        for seq, score in candidates[:k]:
            if seq[-1] == end:
                finished.append((seq, score))
            else:
                beam.append((seq, score))
    finished = [(s, score / len(s) ** alpha) for s, score in finished]
    return sorted(finished, key=lambda c: (-c[1], c[0]))
