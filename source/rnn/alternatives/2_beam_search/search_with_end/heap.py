"""heapq.nsmallest, with keys that hold the tie rule."""
from heapq import nsmallest


def search_with_end(log_prob, k, T, end, alpha):
    alive, done = [(0.0, ())], []
    while alive and len(alive[0][1]) < T:
        options = []
        for cost, seq in alive:
            options.extend((cost - float(v), seq + (i,)) for i, v in enumerate(log_prob(seq)))
        alive = []
        for option in nsmallest(k, options):
            (done if option[1][-1] == end else alive).append(option)
    result = sorted((cost / len(seq) ** alpha, seq) for cost, seq in done + alive)
    return [(seq, -cost) for cost, seq in result]
