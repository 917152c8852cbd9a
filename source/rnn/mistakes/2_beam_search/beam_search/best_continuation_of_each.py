"""After the first timestep each kept sequence goes on with its own best token, so there are never more than k candidates.

Let all continuations of all kept sequences compete for the k places.
"""
# loses: test_beam_search, test_beam_search_ties, test_beam_search_cost
# category: beams kept apart
import numpy as np


def beam_search(log_prob, k, T):
    start = np.asarray(log_prob(()), dtype=float)
    paths = [((int(token),), start[token]) for token in np.argsort(-start, kind="stable")[:k]]
    beams = [paths]
    while len(beams) < T:
        longer = []
        for path, score in paths:
            values = np.asarray(log_prob(path), dtype=float)
            longer.append(((*path, int(values.argmax())), score + values.max()))
        paths = sorted(longer, key=lambda pair: (-pair[1], pair[0]))
        beams.append(paths)
    return beams
