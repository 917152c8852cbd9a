"""You keep only the single best sequence at every step: that is greedy search, beam search with k = 1.

Keep the k best candidates, and extend each of them in the next step.
"""
# loses: test_beam_search, test_beam_search_ties, test_beam_search_cost
# category: greedy for beam


def beam_search(log_prob, k, T):
    sequence, score, beams = (), 0.0, []
    for _ in range(T):
        values = log_prob(sequence)
        token = int(np.argmax(values))
        sequence, score = (*sequence, token), score + float(values[token])
        beams.append([(sequence, score)])
    return beams
