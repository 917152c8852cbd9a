"""The judges of this homework's own: what is right in many ways is judged by its properties, in the grader."""

import numpy as np

from coursegrader.evidence import Wrong


def misleads(value, expected, *, truth):
    """A table whose most likely sequence, and the one a beam of two finds, are those of the reference's table."""
    first, following = value
    if min(first.min(), following.min()) < 0:
        raise Wrong("a probability is negative")
    if max(abs(first.sum() - 1), np.abs(following.sum(axis=1) - 1).max()) > 1e-3:
        raise Wrong("the probabilities do not add up to 1")
    return _likeliest_and_found(first, following) == _likeliest_and_found(*expected)


def _likeliest_and_found(first, following):
    """Return the most likely sequence of two tokens, and the one that beam search with k = 2 returns."""
    joint = first[:, None] * following
    kept = np.argsort(-first, kind="stable")[:2]
    found = max((float(joint[a, b]), -a, -b) for a in kept for b in range(len(first)))
    return [int(token) for token in np.unravel_index(joint.argmax(), joint.shape)], [-int(v) for v in found[1:]]


def asked_and_kept(value, expected, *, truth):
    """As many beginnings asked about as the reference has, of every length, and what was kept in the end continues them.

    A row of the first part is a length, that many tokens, and filling; a row of the second part is a sequence.
    """
    rows, kept = value
    if not np.array_equal(np.sort(rows[:, 0]), np.sort(expected[0][:, 0])):
        return False
    asked = {tuple(row[1 : 1 + int(row[0])]) for row in rows}
    continued = [sequence[:-1] for sequence in [*asked, *map(tuple, kept)]]
    return len(asked) == len(rows) and asked.issuperset(continued)
