"""Your sequences are right, but your scores are probabilities: you turn the logarithms back before you return them.

The score of a sequence is the logarithm of its probability, a sum of log-probabilities.
"""
# loses: test_beam_search
# category: logarithm


def beam_search(log_prob, k, T):
    kept, beams = [((), 0.0)], []
    for _ in range(T):
        candidates = []
        for sequence, score in kept:
            for token, value in enumerate(log_prob(sequence)):
                candidates.append(((*sequence, token), score + float(value)))
        kept = sorted(candidates, key=lambda item: (-item[1], item[0]))[:k]
        beams.append([(sequence, math.exp(score)) for sequence, score in kept])
    return beams
