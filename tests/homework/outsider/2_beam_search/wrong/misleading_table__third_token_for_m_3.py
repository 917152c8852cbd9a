# wrong: computes the third token as 3 - best[0] - found[0], which is only right for M = 3; for larger M it can be one of the two, so take any token that is neither.
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
    b, f = best[0], found[0]
    third = 3 - b - f  # 0 + 1 + 2 = 3
    first = np.zeros(M)
    first[f] = 0.4
    first[third] = 0.35
    first[b] = 0.25
    following = np.ones((M, M)) / M
    following[b] = 0
    following[b, best[1]] = 1.0
    following[f] = 0.5 / (M - 1)
    following[f, found[1]] = 0.5
    return first, following
