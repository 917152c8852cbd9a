"""You keep k sequences, but extend only the best of them.

All k kept sequences compete in the next step: a continuation of the second may beat those of the first.
"""
# loses: test_beam_search, test_beam_search_ties, test_beam_search_cost
# category: beams not expanded


def beam_search(log_prob, k, T):
    kept, beams = [((), 0.0)], []
    for _ in range(T):
        sequence, score = kept[0]
        candidates = [((*sequence, token), score + float(value)) for token, value in enumerate(log_prob(sequence))]
        kept = sorted(candidates, key=lambda item: (-item[1], item[0]))[:k]
        beams.append(kept)
    return beams
