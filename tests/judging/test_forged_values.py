"""What does a record that no kernel of ours would send cost? Its own value, and hardly any time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from coursegrader.evidence import encode
from coursegrader.judging.judge import judge
from coursegrader.judging.judges.builtin import Expectation
from coursegrader.judging.values import decoding
from coursegrader.judging.values.decoding import decode

PAIR = encode(np.array([1.0, 2.0]))
WORDS = {"title": {"text": "Loss"}, "xscale": {"text": "log"}, "xnames": {"list": [{"text": "a"}]}}
TIMES = encode(np.zeros((2, 4), "M8[D]"))


def judged(want: Any, record: Any, how: str = "close") -> str:
    terms = {"judge": how, "weight": 1, "atol": 1e-4, "rtol": 1e-4}
    return judge([Expectation("v", decode(want), terms)], [{"name": "v", "value": record}])[0].verdict


@pytest.mark.parametrize(
    ("part", "want", "forged"),
    [
        *((part, want, PAIR) for part, want in WORDS.items()),
        ("xnames", WORDS["xnames"], {"list": [PAIR]}),
        ("legend", WORDS["xnames"], PAIR),
        ("bars", encode(np.ones((2, 4))), TIMES),
    ],
)
def test_a_part_of_a_plot_that_is_something_else_costs_that_value_only(part: str, want: Any, forged: Any) -> None:
    assert judged({"drawn": {part: want}}, {"drawn": {part: want}}) == "passed"
    assert judged({"drawn": {part: want}}, {"drawn": {part: forged}}) in ("malformed", "wrong_value", "wrong_type")


def test_sets_of_large_numbers_are_compared_exactly() -> None:
    assert judged({"set": [2**53 + 1]}, {"set": [2**53 + 1]}, "equal") == "passed"
    assert judged({"set": [2**53 + 1]}, {"set": [2**53]}, "equal") == "wrong_value"
    assert judged({"set": [{"float": (0.5).hex()}]}, {"set": [{"float": (0.50005).hex()}]}) == "passed"


@pytest.mark.parametrize(
    "wrap", [lambda keys: {"set": keys}, lambda keys: {"dict": [[k, {"none": True}] for k in keys]}]
)
def test_keys_chosen_to_have_one_hash_are_refused(wrap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = [[a, b, c] for a in (-1, -2, 3) for b in (-1, -2, 4) for c in (-1, -2)]  # -1 and -2 have one hash
    assert judged(wrap(grid), wrap(grid)) == "passed"
    monkeypatch.setattr(decoding, "_SAME_HASH", 2)
    assert judged(wrap([[3, 4, 5]]), wrap(grid)) == "malformed"
