"""A recursion over timesteps that returns what is finished."""
def search_with_end(log_prob, k, T, end, alpha):
    def go(beam, left):
        if not left or not beam:
            return beam
        longer = [(s + (t,), p + float(lp)) for s, p in beam for t, lp in enumerate(log_prob(s))]
        longer = sorted(sorted(longer), key=lambda c: c[1], reverse=True)[:k]
        return [c for c in longer if c[0][-1] == end] + go([c for c in longer if c[0][-1] != end], left - 1)

    scored = [(s, p / pow(len(s), alpha)) for s, p in go([((), 0.0)], T)]
    scored.sort()
    scored.sort(key=lambda c: c[1], reverse=True)
    return scored
