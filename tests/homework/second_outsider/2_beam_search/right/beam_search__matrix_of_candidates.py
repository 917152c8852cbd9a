def beam_search(log_prob, k, T):
    seqs, scores = np.zeros((1, 0), dtype=int), np.zeros(1)
    out = []
    for _ in range(T):
        table = np.stack([np.asarray(log_prob(tuple(int(i) for i in row)), dtype=float) for row in seqs])
        M = table.shape[1]
        total = (scores[:, None] + table).ravel()
        seqs = np.concatenate([np.repeat(seqs, M, axis=0), np.tile(np.arange(M), len(seqs))[:, None]], axis=1)
        keys = [seqs[:, j] for j in range(seqs.shape[1] - 1, -1, -1)] + [-total]
        order = np.lexsort(keys)[:k]
        seqs, scores = seqs[order], total[order]
        out.append([(tuple(row.tolist()), s) for row, s in zip(seqs, scores)])
    return out
