def search_with_end(log_prob, k, T, end, alpha):
    beam = [((), 0.0)]
    finished = []
    for t in range(T):
        new = [((*s, i), v + float(p)) for s, v in beam for i, p in enumerate(log_prob(s))]
        new = sorted(new, key=lambda e: (-e[1], e[0]))[:k]
        finished += [e for e in new if e[0][-1] == end]
        beam = [e for e in new if e[0][-1] != end]
        if not beam:
            break
    finished = [(s, v / len(s) ** alpha) for s, v in finished]
    return sorted(finished, key=lambda e: (-e[1], e[0]))
