"""heapq.nsmallest picks the k best without sorting all candidates."""
import heapq


def beam_search(log_prob, k, T):
    beams = []
    beam = [(-0.0, ())]
    for _ in range(T):
        candidates = (
            (cost - float(value), (*sequence, token))
            for cost, sequence in beam
            for token, value in enumerate(log_prob(sequence))
        )
        beam = heapq.nsmallest(k, candidates)
        beams.append([(sequence, -cost) for cost, sequence in beam])
    return beams
