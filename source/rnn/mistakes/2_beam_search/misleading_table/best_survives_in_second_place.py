"""Your `best` starts with the *second* most likely first token, but with k = 2 beam search keeps two of them.

A third first token has to push it out.
"""
# loses: test_misleading_table
# category: not pruned
import numpy as np


def misleading_table(best, found, M):
    first = np.full(M, 0.05 / (M - 2))
    first[found[0]], first[best[0]] = 0.55, 0.4
    following = np.full((M, M), 1 / M)
    following[best[0]] = np.eye(M)[best[1]]
    following[found[0]] = 0.7 / M
    following[found[0], found[1]] += 0.3
    return first, following
