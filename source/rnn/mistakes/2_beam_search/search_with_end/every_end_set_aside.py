"""You set aside every continuation that ends, also those that are not among the k best.

First take the k best of all continuations; of these, the ones that end are finished.
"""
# loses: test_search_with_end
# category: end
import math


def search_with_end(log_prob, k, T, end, alpha):
    living, ended = {(): 0.0}, {}
    for _ in range(T):
        grown = {
            (*path, token): score + float(value)
            for path, score in living.items()
            for token, value in enumerate(log_prob(path))
        }
        ended |= {path: score for path, score in grown.items() if path[-1] == end}
        order = sorted((path for path in grown if path[-1] != end), key=lambda path: (-grown[path], path))
        living = {path: grown[path] for path in order[:k]}
    normalised = {path: score / math.pow(len(path), alpha) for path, score in (ended | living).items()}
    return sorted(normalised.items(), key=lambda pair: (-pair[1], pair[0]))
