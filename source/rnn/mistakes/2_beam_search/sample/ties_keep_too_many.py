"""With top_k you keep every token that is as likely as the k-th, so equal probabilities leave more than k of them.

Of equally likely tokens only the smaller numbers stay: sort, and take exactly k.
"""
# loses: test_sample
# category: ties
import numpy as np


def sample(log_prob, T, temperature, top_k, uniforms):
    tokens = ()
    for u in uniforms:
        scores = np.asarray(log_prob(tokens), dtype=float)
        if temperature == 0:
            tokens += (int(scores.argmax()),)
            continue
        weights = np.exp((scores - scores.max()) / temperature)
        if top_k is not None:
            weights = np.where(scores >= sorted(scores, reverse=True)[:top_k][-1], weights, 0.0)
        rising = weights.cumsum() / weights.sum()
        tokens += (int((rising <= u).sum()),)
    return tokens
