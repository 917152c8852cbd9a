"""Beam search returns `found`, but in your table `found` also is the most likely sequence, so nobody is misled.

In the end `best` has to win: its second token must make up for its unlikely first one, and that of `found` must not be too certain.
"""
# loses: test_misleading_table
# category: not misleading
import numpy as np


def misleading_table(best, found, M):
    other = next(token for token in range(M) if token not in (best[0], found[0]))
    first = np.zeros(M)
    first[[found[0], other, best[0]]] = 0.5, 0.3, 0.2
    following = np.full((M, M), 1 / M)
    following[best[0]] = np.eye(M)[best[1]]
    following[found[0]] = np.eye(M)[found[1]]
    return first, following
