"""You ask the model about the last token only; it should see the whole beginning.
"""
# loses: test_sample
# category: prefix
import numpy as np


def sample(log_prob, T, temperature, top_k, uniforms):
    sequence = ()
    for u in uniforms[:T]:
        values = np.asarray(log_prob(sequence[-1:]), dtype=float)
        order = np.argsort(-values, kind="stable")
        token = order[0]
        if temperature > 0:
            weights = np.exp((values - values.max()) / temperature)
            weights[order[top_k:] if top_k else []] = 0.0
            cumulated = np.cumsum(weights)
            token = np.searchsorted(cumulated / cumulated[-1], u, side="right")
        sequence = (*sequence, int(token))
    return sequence
