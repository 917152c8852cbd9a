def misleading_table(best, found, M):
    """Build a model for which beam search with k = 2 returns found, although best is more likely.

    Args:
        best: The most likely sequence, a tuple of two tokens.
        found: The sequence beam search returns, a tuple of two tokens; found[0] != best[0].
        M: The number of tokens, an integer >= 3.

    Returns:
        first: The probabilities of the first token, a NumPy array of shape (M,).
        following: Row i holds the probabilities of the token after token i, a NumPy array of shape (M, M).
    """
    other = next(token for token in range(M) if token not in (best[0], found[0]))
    first = np.zeros(M)
    first[found[0]], first[other], first[best[0]] = 0.4, 0.35, 0.25
    following = np.full((M, M), 1 / M)
    following[best[0]] = 0
    following[best[0], best[1]] = 1
    following[found[0]] = 0.5 / (M - 1)
    following[found[0], found[1]] = 0.5
    return first, following
