# right: other numbers than those of the hints, all probability of the first step on three tokens, uniform rows except two, with assertions
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
    third = ({0, 1, 2, *range(M)} - {best[0], found[0]}).pop()
    first = np.array([{best[0]: 0.30, found[0]: 0.36, third: 0.34}.get(i, 0.0) for i in range(M)])
    following = np.tile(1.0 / M, (M, M))
    following[best[0]] = np.eye(M)[best[1]]
    following[found[0]] = 0.4 * np.ones(M) / M + 0.6 * np.eye(M)[found[1]]
    following[third] = np.full(M, 1.0 / M)
    assert np.allclose(first.sum(), 1) and np.allclose(following.sum(axis=1), 1)
    return first, following
