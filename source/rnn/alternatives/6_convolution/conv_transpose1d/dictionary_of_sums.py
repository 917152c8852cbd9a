"""Plain Python: collect the sum of every output entry in a dictionary."""
from collections import defaultdict


def conv_transpose1d(x, w, stride=1):
    sums = defaultdict(float)
    for i, a in enumerate(x):
        for j, b in enumerate(w):
            sums[i * stride + j] += a * b
    return [sums[n] for n in range((len(x) - 1) * stride + len(w))]
