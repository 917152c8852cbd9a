def beam_search(log_prob, k, T):
    beam = [(0.0, ())]
    result = []
    for _ in range(T):
        candidates = []
        for score, seq in beam:
            for token, lp in enumerate(log_prob(seq)):
                if lp == -np.inf:
                    continue
                candidates.append((score + float(lp), (*seq, token)))
        candidates.sort(key=lambda c: (-c[0], c[1]))
        beam = candidates[:k]
        result.append([(seq, score) for score, seq in beam])
    return result
