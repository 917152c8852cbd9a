def sample(log_prob, T, temperature, top_k, uniforms):
    seq = []
    for u in uniforms[:T]:
        lp = np.array(log_prob(tuple(seq)), dtype=float)
        if temperature == 0:
            seq.append(int(np.argmax(lp)))
            continue
        w = np.exp((lp - lp.max()) / temperature)
        p = w / w.sum()
        if top_k is not None and top_k < len(p):
            keep = sorted(range(len(p)), key=lambda i: (-p[i], i))[:top_k]
            p = np.array([p[i] if i in keep else 0.0 for i in range(len(p))])
        total = 0.0
        chosen = len(p) - 1
        for i in range(len(p)):
            total += p[i]
            if total > u:
                chosen = i
                break
        seq.append(chosen)
    return tuple(seq)
