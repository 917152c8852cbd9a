"""Recursion over the timesteps, lists as sequences."""


def beam_search(log_prob, k, T):
    if T == 0:
        return []
    earlier = beam_search(log_prob, k, T - 1)
    kept = earlier[-1] if earlier else [([], 0)]
    grown = [
        ([*sequence, token], score + value)
        for sequence, score in kept
        for token, value in enumerate(log_prob(tuple(sequence)).tolist())
    ]
    return [*earlier, sorted(grown, key=lambda pair: (-pair[1], pair[0]))[:k]]
