"""Your search is right, but of two equal scores you put the lexicographically *larger* sequence first.

Sorting pairs in reverse turns round both of their parts; only the score should be in descending order.
"""
# loses: test_beam_search_ties
# category: wrong tie rule


def beam_search(log_prob, k, T):
    kept, beams = [((), 0.0)], []
    for _ in range(T):
        candidates = []
        for sequence, score in kept:
            for token, value in enumerate(log_prob(sequence)):
                candidates.append((score + float(value), (*sequence, token)))
        candidates.sort(reverse=True)
        kept = [(sequence, score) for score, sequence in candidates[:k]]
        beams.append(kept)
    return beams
