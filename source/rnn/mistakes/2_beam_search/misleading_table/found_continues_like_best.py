"""The trap works, but beam search falls for another sequence than `found`: after found[0] your table favours the second token of `best`.

Each of the two sequences has a second token of its own.
"""
# loses: test_misleading_table
# category: mixed up tokens
import numpy as np


def misleading_table(best, found, M):
    other = next(token for token in range(M) if token not in (best[0], found[0]))
    first = np.zeros(M)
    first[[found[0], other, best[0]]] = 0.4, 0.33, 0.27
    following = np.full((M, M), 0.7 / M)
    following[:, best[1]] += 0.3
    following[best[0]] = np.eye(M)[best[1]]
    return first, following
