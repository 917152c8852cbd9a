"""With temperature 0 you sample as with temperature 1; it should take the most likely token.
"""
# loses: test_sample
# category: temperature
import numpy as np


def sample(log_prob, T, temperature, top_k, uniforms):
    sequence = ()
    for u in uniforms[:T]:
        values = np.asarray(log_prob(sequence), dtype=float)
        order = np.argsort(-values, kind="stable")
        token = order[0]
        if True:
            weights = np.exp((values - values.max()) / (temperature or 1.0))
            weights[order[top_k:] if top_k else []] = 0.0
            cumulated = np.cumsum(weights)
            token = np.searchsorted(cumulated / cumulated[-1], u, side="right")
        sequence = (*sequence, int(token))
    return sequence
