def search_with_end(log_prob, k, T, end, alpha):
    finished = {}
    alive = {(): 0.0}
    step = 0
    while alive and step < T:
        step += 1
        grown = {s + (i,): v + lp for s, v in alive.items() for i, lp in enumerate(map(float, log_prob(s)))}
        chosen = sorted(grown, key=lambda s: (-grown[s], s))[:k]
        finished.update({s: grown[s] for s in chosen if s[-1] == end})
        alive = {s: grown[s] for s in chosen if s[-1] != end}
    finished.update(alive)
    normal = {s: v / len(s) ** alpha for s, v in finished.items()}
    return [(s, normal[s]) for s in sorted(normal, key=lambda s: (-normal[s], s))]
