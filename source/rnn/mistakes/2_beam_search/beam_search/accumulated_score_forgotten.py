"""You rank the candidates by the log-probability of their last token alone.

The score of a sequence is the sum along its whole path: start from the score of the sequence you extend.
"""
# loses: test_beam_search, test_beam_search_ties
# category: forgotten accumulated score


def beam_search(log_prob, k, T):
    kept, beams = [((), 0.0)], []
    for _ in range(T):
        candidates = []
        for sequence, _ in kept:
            for token, value in enumerate(log_prob(sequence)):
                candidates.append(((*sequence, token), float(value)))
        kept = sorted(candidates, key=lambda item: (-item[1], item[0]))[:k]
        beams.append(kept)
    return beams
