"""You sort in ascending order and keep the first k, so you keep the k *least* likely sequences.

Log-probabilities are negative: the best one is the largest, the one closest to zero.
"""
# loses: test_beam_search, test_beam_search_ties
# category: sort order


def beam_search(log_prob, k, T):
    kept, beams = [((), 0.0)], []
    for _ in range(T):
        candidates = []
        for sequence, score in kept:
            for token, value in enumerate(log_prob(sequence)):
                candidates.append(((*sequence, token), score + float(value)))
        kept = sorted(candidates, key=lambda item: (item[1], item[0]))[:k]
        beams.append(kept)
    return beams
