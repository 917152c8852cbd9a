"""A dictionary from sequence to score; finished ones stay in it and are skipped."""
def search_with_end(log_prob, k, T, end, alpha):
    kept = {(): 0.0}
    for length in range(T):
        grown = {}
        for seq, total in kept.items():
            if len(seq) == length and seq[-1:] != (end,):
                values = log_prob(seq)
                grown.update({(*seq, i): total + float(values[i]) for i in range(len(values))})
        chosen = sorted(grown, key=lambda s: (-grown[s], s))[:k]
        kept = {s: p for s, p in kept.items() if s[-1:] == (end,)} | {s: grown[s] for s in chosen}
    return sorted(((s, p / len(s) ** alpha) for s, p in kept.items()), key=lambda c: (-c[1], c[0]))
