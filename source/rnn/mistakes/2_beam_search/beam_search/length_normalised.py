"""You divide the scores by the length of the sequence.

All sequences of one timestep have the same length here, so there is nothing to make up for: the score is the plain sum of log-probabilities.
"""
# loses: test_beam_search
# category: length normalisation


def beam_search(log_prob, k, T):
    kept, beams = [((), 0.0)], []
    for t in range(T):
        candidates = []
        for sequence, total in kept:
            for token, value in enumerate(log_prob(sequence)):
                candidates.append(((*sequence, token), total + float(value)))
        kept = sorted(candidates, key=lambda item: (-item[1], item[0]))[:k]
        beams.append([(sequence, total / (t + 1)) for sequence, total in kept])
    return beams
