"""You compute the third token from the other two in a way that is right for M = 3 only; for more tokens it can be one of them.

Search for a token that is neither best[0] nor found[0].
"""
# loses: test_misleading_table
# category: size taken for granted
import numpy as np


def misleading_table(best, found, M):
    first, following = np.zeros(M), np.full((M, M), 1 / M)
    for token, share in ((found[0], 0.42), (3 - best[0] - found[0], 0.34), (best[0], 0.24)):
        first[token] = share
    following[best[0]] = np.eye(M)[best[1]]
    following[found[0]] = 0.6 / M
    following[found[0], found[1]] += 0.4
    return first, following
