"""top_k makes no difference in your answer: unlikely tokens are still drawn.
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
            cumulated = np.cumsum(weights)
            token = np.searchsorted(cumulated / cumulated[-1], u, side="right")
        sequence = (*sequence, int(token))
    return sequence
