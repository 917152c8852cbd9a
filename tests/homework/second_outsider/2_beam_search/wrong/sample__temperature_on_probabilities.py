def sample(log_prob, T, temperature, top_k, uniforms):
    seq = ()
    for t in range(T):
        p = np.exp(np.asarray(log_prob(seq), dtype=float))
        if temperature == 0:
            seq += (int(p.argmax()),)
            continue
        p = p / temperature
        if top_k is not None:
            drop = np.argsort(-p, kind="stable")[top_k:]
            p[drop] = 0
        p = p / p.sum()
        seq += (int(np.searchsorted(np.cumsum(p), uniforms[t], side="right")),)
    return seq
