"""Your result is sorted by the score alone: of equal scores the one that ended first comes first.

Of equal ones the sequence that Python sorts first comes first, so the sequence belongs into the sort key.
"""
# loses: test_search_with_end
# category: ties


def search_with_end(log_prob, k, T, end, alpha):
    beam, done = [((), 0.0)], []
    for _ in range(T):
        grown = [((*tokens, i), score + float(v)) for tokens, score in beam for i, v in enumerate(log_prob(tokens))]
        best = sorted(grown, key=lambda pair: (-pair[1], pair[0]))[:k]
        done.extend(pair for pair in best if pair[0][-1] == end)
        beam = [pair for pair in best if pair[0][-1] != end]
    scored = [(tokens, score / len(tokens) ** alpha) for tokens, score in done + beam]
    return sorted(scored, key=lambda pair: -pair[1])
