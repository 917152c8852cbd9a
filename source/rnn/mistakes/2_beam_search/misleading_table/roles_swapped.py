"""Your table makes `found` the most likely sequence and lets beam search keep it, so there is no trap.

`best` has to be more likely in the end, and still be dropped after the first token.
"""
# loses: test_misleading_table
# category: roles swapped
import numpy as np


def misleading_table(best, found, M):
    first = np.full(M, 0.2 / (M - 1))
    first[found[0]] = 0.8
    following = np.full((M, M), 1 / M)
    following[found[0]] = np.eye(M)[found[1]]
    return first, following
