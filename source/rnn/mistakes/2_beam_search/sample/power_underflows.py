"""At a very low temperature all your powers p^(1/temperature) are too small for a float and become 0, and 0 / 0 is nan.

Divide the log-probabilities by the temperature, and subtract the largest one before you take exp.
"""
# loses: test_sample
# category: numerics
import numpy as np


def sample(log_prob, T, temperature, top_k, uniforms):
    tokens = ()
    for u in uniforms:
        likely = np.exp(log_prob(tokens))
        if temperature == 0:
            tokens += (int(likely.argmax()),)
            continue
        weights = likely ** (1.0 / temperature)
        weights[np.argsort(-likely, kind="stable")[top_k or len(likely) :]] = 0.0
        rising = (weights / weights.sum()).cumsum()
        tokens += (int(np.searchsorted(rising, u, side="right")),)
    return tokens
