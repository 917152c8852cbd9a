"""You return only the sequences of the last timestep.

The answer is a list with one entry for each timestep, so that you can see what was kept on the way.
"""
# loses: test_beam_search, test_beam_search_ties
# category: form of the result


def beam_search(log_prob, k, T):
    kept = [((), 0.0)]
    for _ in range(T):
        candidates = []
        for sequence, score in kept:
            for token, value in enumerate(log_prob(sequence)):
                candidates.append(((*sequence, token), score + float(value)))
        kept = sorted(candidates, key=lambda item: (-item[1], item[0]))[:k]
    return [kept]
