"""The homework's own judges: many right answers pass, and what only looks like one does not."""

from __future__ import annotations

import numpy as np
import pytest
from course_harness import SOURCE

from coursegrader.evidence import Wrong

FIRST = np.array([0.4, 0.35, 0.25])
FOLLOWING = np.array([[0.4, 0.3, 0.3], [0.3, 0.3, 0.4], [0.0, 0.0, 1.0]])  # (2, 2) has 0.25, a beam of two finds (0, 0)


@pytest.fixture(scope="module")
def judges():
    names = {}
    exec((SOURCE / "judges.py").read_text("utf-8"), names)
    return names


def test_any_table_with_the_same_two_sequences_misleads(judges):
    other = [np.array([0.45, 0.3, 0.25]), np.array([[0.45, 0.3, 0.25], [0.3, 0.3, 0.4], [0.0, 0.0, 1.0]])]
    assert judges["misleads"](other, [FIRST, FOLLOWING], truth=None)


@pytest.mark.parametrize(
    "table",
    [
        [FIRST, np.full((3, 3), 1 / 3)],  # nothing misleads
        [FIRST[::-1], FOLLOWING],  # the best survives
        [FIRST, np.array([[0.3, 0.4, 0.3], [0.3, 0.3, 0.4], [0.0, 0.0, 1.0]])],  # another one is found
    ],
)
def test_a_table_that_does_something_else_does_not(judges, table):
    assert not judges["misleads"](table, [FIRST, FOLLOWING], truth=None)


@pytest.mark.parametrize(("first", "says"), [(2 * FIRST, "add up"), (np.array([1.2, -0.1, -0.1]), "negative")])
def test_what_are_no_probabilities_is_said(judges, first, says):
    with pytest.raises(Wrong, match=says):
        judges["misleads"]([first, FOLLOWING], [FIRST, FOLLOWING], truth=None)


ROWS = np.array([[0.0, -1, -1], [1, 0, -1], [1, 2, -1]])
KEPT = np.array([[0.0, 1], [2, 0]])


def test_as_many_beginnings_with_other_tokens_pass(judges):
    rows = np.array([[0.0, -1, -1], [1, 1, -1], [1, 2, -1]])
    assert judges["asked_and_kept"]([rows, np.array([[1.0, 1], [1, 0]])], [ROWS, KEPT], truth=None)


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        (np.array([[0.0, -1, -1], [1, 0, -1], [1, 0, -1]]), KEPT),  # one twice
        (np.array([[0.0, -1, -1], [1, 0, -1], [2, 0, 1]]), KEPT),  # other lengths
        (ROWS, np.array([[1.0, 1], [2, 0]])),  # kept, but never continued
        (-ROWS, KEPT),
        (np.full((3, 3), 1e30), KEPT),
    ],
)
def test_other_beginnings_do_not(judges, rows, kept):
    assert not judges["asked_and_kept"]([rows, kept], [ROWS, KEPT], truth=None)
