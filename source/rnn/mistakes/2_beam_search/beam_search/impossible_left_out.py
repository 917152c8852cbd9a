"""You leave out continuations of probability 0, so sometimes fewer than k sequences are kept.

An impossible token has the log-probability -inf: it comes last, but it counts as a candidate.
"""
# loses: test_beam_search
# category: candidates
import math


def beam_search(log_prob, k, T):
    beams, beam = [], [((), 0.0)]
    for _ in range(T):
        grown = [((*tokens, i), score + float(value)) for tokens, score in beam for i, value in enumerate(log_prob(tokens))]
        possible = [pair for pair in grown if math.isfinite(pair[1])]
        beam = sorted(possible, key=lambda pair: (-pair[1], pair[0]))[:k]
        beams.append(beam)
    return beams
