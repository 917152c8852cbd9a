"""A small dataclass that knows its own order; results as lists of lists."""
from dataclasses import dataclass, field


@dataclass(order=True)
class Hypothesis:
    cost: float
    tokens: list = field(default_factory=list)


def beam_search(log_prob, k, T):
    active, beams = [Hypothesis(0.0)], []
    for _ in range(T):
        pool = []
        for h in active:
            for token, value in enumerate(log_prob(tuple(h.tokens))):
                pool.append(Hypothesis(h.cost - value, h.tokens + [token]))
        pool.sort()
        active = pool[: min(k, len(pool))]
        beams.append([[tuple(h.tokens), -h.cost] for h in active])
    return beams
