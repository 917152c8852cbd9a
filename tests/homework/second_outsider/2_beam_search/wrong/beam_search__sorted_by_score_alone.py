def beam_search(log_prob, k, T):
    beams = []
    current = [((), 0.0)]
    for t in range(T):
        cands = []
        for seq, score in current:
            lp = log_prob(seq)
            for tok in range(len(lp)):
                cands.append((seq + (tok,), score + lp[tok]))
        cands.sort(key=lambda c: c[1], reverse=True)
        current = cands[:k]
        beams.append(current)
    return beams
