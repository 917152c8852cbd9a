"""itertools.accumulate and bisect over the tokens that may be drawn; returns NumPy integers."""
from bisect import bisect_right
from itertools import accumulate

import numpy as np


def sample(log_prob, T, temperature, top_k, uniforms):
    sequence = []
    for u in map(float, uniforms):
        values = np.array(log_prob(tuple(sequence)))
        ranked = sorted(range(values.size), key=values.__getitem__, reverse=True)
        pool = sorted(ranked[:1] if not temperature else ranked[:top_k])
        weights = np.exp((values[pool] - values[ranked[0]]) / (temperature or 1))
        sums = list(accumulate(weights))
        sequence.append(np.int64(pool[min(bisect_right(sums, u * sums[-1]), len(pool) - 1)]))
    return tuple(sequence)
