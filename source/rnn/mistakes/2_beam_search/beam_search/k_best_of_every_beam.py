"""You keep the k best continuations of *every* beam, so the number of beams grows from step to step.

All candidates of one timestep compete together for k places.
"""
# loses: test_beam_search, test_beam_search_ties, test_beam_search_cost
# category: too many beams


def beam_search(log_prob, k, T):
    kept, beams = [((), 0.0)], []
    for _ in range(T):
        survivors = []
        for sequence, score in kept:
            candidates = [((*sequence, token), score + float(value)) for token, value in enumerate(log_prob(sequence))]
            survivors += sorted(candidates, key=lambda item: (-item[1], item[0]))[:k]
        kept = sorted(survivors, key=lambda item: (-item[1], item[0]))
        beams.append(kept)
    return beams
