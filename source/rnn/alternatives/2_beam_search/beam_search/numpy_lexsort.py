"""NumPy arrays of tokens and scores, sorted by np.lexsort."""
import numpy as np


def beam_search(log_prob, k, T):
    tokens, scores, beams = np.zeros((1, 0), dtype=int), np.zeros(1), []
    for _ in range(T):
        table = np.stack([log_prob(tuple(row.tolist())) for row in tokens])
        M = table.shape[1]
        totals = (scores[:, None] + table).ravel()
        grown = np.hstack([np.repeat(tokens, M, axis=0), np.tile(np.arange(M), len(tokens))[:, None]])
        order = np.lexsort((*grown.T[::-1], -totals))[:k]
        tokens, scores = grown[order], totals[order]
        beams.append(list(zip(tokens, scores)))
    return beams
