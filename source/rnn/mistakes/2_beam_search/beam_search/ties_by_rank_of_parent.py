"""Your search is right, but ties are left as they come: of two equal scores you put the continuation of the better beam first.

The rule is that the lexicographically smaller sequence comes first; make the sequence part of what you sort by.
"""
# loses: test_beam_search_ties
# category: wrong tie rule


def beam_search(log_prob, k, T):
    kept, beams = [((), 0.0)], []
    for _ in range(T):
        candidates = []
        for sequence, score in kept:
            for token, value in enumerate(log_prob(sequence)):
                candidates.append(((*sequence, token), score + float(value)))
        candidates.sort(key=lambda item: item[1], reverse=True)
        kept = candidates[:k]
        beams.append(kept)
    return beams
