"""You take the first token whose cumulated probability is at least u; it has to exceed u. With u = 0 you draw a token of probability 0.
"""
# loses: test_sample
# category: boundary
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
            token = np.searchsorted(cumulated / cumulated[-1], u, side="left")
        sequence = (*sequence, int(token))
    return sequence
