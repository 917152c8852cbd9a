"""You take the token after best[0] for the third one, which can be found[0]; then one of the two is overwritten.

Search for a token that is neither best[0] nor found[0].
"""
# loses: test_misleading_table
# category: size taken for granted
import numpy as np


def misleading_table(best, found, M):
    first, following = np.zeros(M), np.full((M, M), 1 / M)
    first[best[0]], first[(best[0] + 1) % M] = 0.24, 0.34
    first[found[0]] = 0.42
    following[best[0]] = np.eye(M)[best[1]]
    following[found[0]] = 0.6 / M
    following[found[0], found[1]] += 0.4
    return first, following
