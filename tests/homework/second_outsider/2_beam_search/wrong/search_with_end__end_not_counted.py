def search_with_end(log_prob, k, T, end, alpha):
    beam, done = [((), 0.0)], []
    for _ in range(T):
        cand = []
        for seq, sc in beam:
            for i, lp in enumerate(log_prob(seq)):
                cand.append((seq + (i,), sc + lp))
        cand.sort(key=lambda x: (-x[1], x[0]))
        beam = []
        for seq, sc in cand[:k]:
            if seq[-1] == end:
                done.append((seq, sc))
            else:
                beam.append((seq, sc))
        if not beam:
            break
    done += beam
    def length(seq):
        n = len(seq)
        if seq[-1] == end:
            n -= 1
        return max(n, 1)
    out = [(s, sc / length(s) ** alpha) for s, sc in done]
    out.sort(key=lambda x: (-x[1], x[0]))
    return out
