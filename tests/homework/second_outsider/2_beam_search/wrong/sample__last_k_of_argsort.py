def sample(log_prob, T, temperature, top_k, uniforms):
    out = ()
    for t in range(T):
        z = np.asarray(log_prob(out), dtype=np.float64)
        if temperature == 0:
            out = out + (int(np.argmax(z)),)
            continue
        w = np.exp((z - z.max()) / temperature)
        if top_k is not None and top_k < len(w):
            keep = np.argsort(w)[-top_k:]
            mask = np.zeros(len(w)); mask[keep] = 1
            w = w * mask
        c = np.cumsum(w) / w.sum()
        out = out + (int(np.argmax(c > uniforms[t])),)
    return out
