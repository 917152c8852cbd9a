# right: a dataclass for hypotheses, one pool sorted by time, very defensive about types
from dataclasses import dataclass


@dataclass(frozen=True)
class Hypothesis:
    tokens: tuple
    logp: float

    def children(self, log_prob):
        for token, value in enumerate(log_prob(self.tokens)):
            yield Hypothesis(self.tokens + (int(token),), self.logp + float(value))

    def score(self, alpha):
        return self.logp / float(len(self.tokens)) ** alpha


def search_with_end(log_prob, k, T, end, alpha):
    """Search for likely sequences that may end early, and compare them by length-normalised scores.

    Args:
        log_prob: A function of a tuple of tokens that returns the log-probabilities of the next token, shape (M,).
        k: How many continuations to take at every timestep, an integer >= 1.
        T: The largest number of tokens, an integer >= 1.
        end: The number of the end symbol.
        alpha: The exponent of the length, a number >= 0.

    Returns:
        A list of pairs (sequence, score), best first; sequence is a tuple of integers, with its end symbol if it has one.
    """
    assert k >= 1 and T >= 1
    pool, alive = [], [Hypothesis((), 0.0)]
    length = 0
    while alive and length < T:
        length += 1
        best = sorted((child for parent in alive for child in parent.children(log_prob)), key=lambda h: (-h.logp, h.tokens))[:k]
        pool.extend(h for h in best if h.tokens[-1] == end)
        alive = [h for h in best if h.tokens[-1] != end]
    pool.extend(alive)
    pool.sort(key=lambda h: h.tokens)
    pool.sort(key=lambda h: h.score(alpha), reverse=True)  # sorting is stable, so ties stay in the order of their tokens
    return [(h.tokens, h.score(alpha)) for h in pool]
