"""Your scores are plain log-probabilities: alpha makes no difference, and short sequences always win.
"""
# loses: test_search_with_end
# category: length
def search_with_end(log_prob, k, T, end, alpha):
    beam, finished = [((), 0.0)], []
    for _ in range(T):
        candidates = [
            ((*sequence, token), score + float(value))
            for sequence, score in beam
            for token, value in enumerate(log_prob(sequence))
        ]
        best = sorted(candidates, key=lambda candidate: (-candidate[1], candidate[0]))[:k]
        finished += [candidate for candidate in best if candidate[0][-1] == end]
        beam = [candidate for candidate in best if candidate[0][-1] != end]
        if not beam:
            break
    normalised = [(sequence, score) for sequence, score in finished + beam]
    return sorted(normalised, key=lambda pair: (-pair[1], pair[0]))
