"""Plain loops, only three possible first tokens, a certain continuation for best."""
import numpy as np


def misleading_table(best, found, M):
    first, following = np.zeros(M), np.zeros((M, M))
    first[best[0]], first[found[0]] = 0.30, 0.36
    for third in range(M):
        if third not in (best[0], found[0]):
            first[third] = 0.34
            break
    for token in range(M):
        for after in range(M):
            if token == best[0]:
                following[token, after] = float(after == best[1])
            elif token == found[0]:
                following[token, after] = 0.9 / M + (0.1 if after == found[1] else 0.0)
            else:
                following[token, after] = 1 / M
    return first, following
