"""After top_k you do not divide by what is left: the cumulated probabilities never reach 1, so the last tokens are drawn too often.
"""
# loses: test_sample
# category: top_k
import numpy as np


def sample(log_prob, T, temperature, top_k, uniforms):
    sequence = ()
    for u in uniforms[:T]:
        values = np.asarray(log_prob(sequence), dtype=float)
        order = np.argsort(-values, kind="stable")
        token = order[0]
        if temperature > 0:
            weights = np.exp((values - values.max()) / temperature)
            weights[order[top_k:] if top_k else []] = 0.0
            cumulated = np.cumsum(weights)
            token = np.searchsorted(cumulated / np.exp((values - values.max()) / temperature).sum(), u, side="right")
        sequence = (*sequence, min(int(token), len(values) - 1))
    return sequence
