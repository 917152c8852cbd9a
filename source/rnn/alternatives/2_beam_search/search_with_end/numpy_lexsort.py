"""NumPy arrays of tokens and scores, sorted with lexsort."""
import numpy as np


def search_with_end(log_prob, k, T, end, alpha):
    tokens, scores, result = np.zeros((1, 0), dtype=int), np.zeros(1), []
    for _ in range(T):
        table = np.stack([np.asarray(log_prob(tuple(row.tolist())), dtype=float) for row in tokens])
        count = table.shape[1]
        scores = (scores[:, None] + table).ravel()
        tokens = np.hstack([np.repeat(tokens, count, axis=0), np.tile(np.arange(count), len(table))[:, None]])
        order = np.lexsort((*tokens.T[::-1], -scores))[:k]
        tokens, scores = tokens[order], scores[order]
        ended = tokens[:, -1] == end
        result += list(zip(map(tuple, tokens[ended].tolist()), scores[ended]))
        tokens, scores = tokens[~ended], scores[~ended]
        if not len(tokens):
            break
    result += list(zip(map(tuple, tokens.tolist()), scores))
    return sorted([(s, v / len(s) ** alpha) for s, v in result], key=lambda c: (-c[1], c[0]))
