"""Two stable sorts: by sequence, then by score; itertools.product over beams and tokens."""
import itertools


def beam_search(log_prob, k, T):
    M = len(log_prob(()))
    history = [[((), 0.0)]]
    while len(history) <= T:
        tables = [log_prob(sequence) for sequence, _ in history[-1]]
        candidates = []
        for (beam, (sequence, score)), token in itertools.product(enumerate(history[-1]), range(M)):
            candidates.append((sequence + (token,), score + float(tables[beam][token])))
        candidates.sort()
        candidates.sort(key=lambda candidate: candidate[1], reverse=True)
        history.append(candidates[:k])
    return history[1:]
