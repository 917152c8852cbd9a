# right: recursion over T and heapq.nsmallest with the key (-score, sequence)
import heapq


def _extend(log_prob, pair):
    sequence, score = pair
    return [((*sequence, token), score + value) for token, value in enumerate(np.asarray(log_prob(sequence)).tolist())]


def beam_search(log_prob, k, T):
    """Search for likely sequences of T tokens, keeping the k best at every timestep.

    Args:
        log_prob: A function of a tuple of tokens that returns the log-probabilities of the next token, shape (M,).
        k: How many sequences to keep, an integer >= 1.
        T: How many tokens to generate, an integer >= 1.

    Returns:
        beams: A list of T lists; beams[t] holds the (at most k) kept sequences of t + 1 tokens as pairs
            (sequence, score), best first, where sequence is a tuple of integers and score a number.
    """
    beams = beam_search(log_prob, k, T - 1) if T > 1 else []
    last = beams[-1] if beams else [((), 0.0)]
    candidates = itertools.chain.from_iterable(_extend(log_prob, pair) for pair in last)
    return beams + [heapq.nsmallest(k, candidates, key=lambda pair: (-pair[1], pair[0]))]
