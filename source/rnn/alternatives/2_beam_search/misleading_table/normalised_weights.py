"""Weights that are normalised at the end, as lists."""
import numpy as np


def misleading_table(best, found, M):
    first = np.ones(M) * 0.01
    first[[t for t in range(M) if t not in (best[0], found[0])][-1]] = 9
    first[found[0]], first[best[0]] = 10, 8
    following = np.ones((M, M))
    following[best[0], best[1]] = 1e6
    following[found[0], found[1]] = 1.2
    return (first / first.sum()).tolist(), (following / following.sum(axis=1, keepdims=True)).tolist()
