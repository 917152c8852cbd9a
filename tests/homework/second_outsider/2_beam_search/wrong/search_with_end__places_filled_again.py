def search_with_end(log_prob, k, T, end, alpha):
    beam, finished = [((), 0.0)], []
    for t in range(T):
        candidates = []
        for seq, score in beam:
            lp = log_prob(seq)
            for token in range(len(lp)):
                new = (seq + (token,), score + lp[token])
                if token == end:
                    finished.append(new)
                else:
                    candidates.append(new)
        candidates.sort(key=lambda pair: (-pair[1], pair[0]))
        beam = candidates[:k]
    everything = finished + beam
    scored = [(s, v / len(s)**alpha) for s, v in everything]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))
