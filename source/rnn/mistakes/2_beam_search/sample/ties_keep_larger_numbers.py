"""Of equally likely tokens top_k keeps the larger numbers in your answer, as the end of a rising `argsort` does; the smaller ones are to stay.

Sort by falling probability, with a sort that leaves equal ones in their order.
"""
# loses: test_sample
# category: ties
import numpy as np


def sample(log_prob, T, temperature, top_k, uniforms):
    drawn = []
    for u in uniforms:
        scores = np.asarray(log_prob(tuple(drawn)), dtype=float)
        if temperature == 0:
            drawn.append(int(scores.argmax()))
            continue
        weights = np.exp((scores - scores.max()) / temperature)
        if top_k is not None:
            weights[np.argsort(scores, kind="stable")[: max(0, len(scores) - top_k)]] = 0.0
        drawn.append(int((weights.cumsum() / weights.sum() <= u).sum()))
    return tuple(drawn)
