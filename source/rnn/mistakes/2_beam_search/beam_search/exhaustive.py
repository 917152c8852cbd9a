"""You extend *all* sequences and cut down to k only what you return, so nothing is ever pruned.

That finds the best sequence, but its cost grows like M to the power T; extend only the k sequences you keep.
"""
# loses: test_beam_search, test_beam_search_cost
# category: exhaustive search


def beam_search(log_prob, k, T):
    everything, beams = [((), 0.0)], []
    for _ in range(T):
        everything = [
            ((*sequence, token), score + float(value))
            for sequence, score in everything
            for token, value in enumerate(log_prob(sequence))
        ]
        everything.sort(key=lambda item: (-item[1], item[0]))
        beams.append(everything[:k])
    return beams
