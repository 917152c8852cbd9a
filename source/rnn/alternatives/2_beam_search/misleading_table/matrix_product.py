"""Outer products instead of assignments; every token that matters gets its row at once."""
import numpy as np


def misleading_table(best, found, M):
    one = np.eye(M)
    third = min(set(range(M)) - {best[0], found[0]})
    first = 0.24 * one[best[0]] + 0.42 * one[found[0]] + 0.34 * one[third]
    spread = np.ones((M, M)) / M
    certain = np.outer(one[best[0]], one[best[1]] - spread[0])
    leaning = np.outer(one[found[0]], 0.2 * (one[found[1]] - spread[0]))
    return first, spread + certain + leaning
