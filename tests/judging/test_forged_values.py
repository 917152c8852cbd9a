"""What does a record that no kernel of ours would send cost? Its own value, and hardly any time."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timezone
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coursegrader.errors import EvidenceError
from coursegrader.evidence import MAX_BYTES, MAX_ENTRIES, encode
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


FRAME = encode(pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}))
CATEGORY = encode(pd.Series(pd.Categorical(["u", "v"])))


def changed(record: Any, place: tuple[Any, ...], part: Any) -> Any:
    """Return a record with another part at a place."""
    record = whole = json.loads(json.dumps(record))
    for key in place[:-1]:
        record = record[key]
    record[place[-1]] = part
    return whole


@pytest.mark.parametrize(
    ("forged", "said"),
    [
        (changed(PAIR, ("array", "shape"), [1]), "a shape that does not match the data"),
        (changed(PAIR, ("array", "shape"), [3]), "a shape that does not match the data"),
        (changed(PAIR, ("array", "dtype"), "<f4"), "a shape that does not match the data"),
        ({"text": "x" * (MAX_BYTES + 1)}, "malformed record"),
        ({"list": [{"none": True}] * (MAX_ENTRIES + 1)}, "malformed record"),
        (changed(FRAME, ("frame", "data", 1, "values"), encode(np.ones(3))["array"]), "parts of different lengths"),
        (changed(FRAME, ("frame", "data", 0, "values"), encode(np.ones(1))["array"]), "parts of different lengths"),
        *(
            (changed(CATEGORY, ("series", "values", "codes"), encode(np.array([0, code], "i1"))["array"]), "not")
            for code in (2, -2)
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_record_that_does_not_agree_with_itself_is_refused(forged: Any, said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        decode(forged)


def test_what_is_as_large_as_a_record_may_be_is_read() -> None:
    assert decode({"text": "x" * MAX_BYTES}) == "x" * MAX_BYTES
    assert decode({"list": [{"none": True}] * MAX_ENTRIES}) == [None] * MAX_ENTRIES


@pytest.mark.parametrize("how", ["close", "equal"])
@pytest.mark.parametrize("more", [[], [None], [None, "x", "y", 1.0]])
def test_a_list_of_another_length_is_another_shape(how: str, more: list[Any]) -> None:
    assert judged(encode([None, "x"]), encode([None, "x"]), how) == "passed"
    assert judged(encode([None, "x"]), encode(more), how) == "wrong_shape"


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


def test_rows_whose_labels_have_one_hash_cost_no_more_than_others() -> None:
    size = 64**2  # each of two levels has 64 numbers of one hash, so that all pairs have one
    same = [float(2.0 ** (61 * n)) for n in range(-8, 8)]
    labels = [(a, b, c) for a in same for b in same for c in same]
    assert len({hash(label) for label in labels}) == 1
    assert len(labels) == size
    want = pd.Series(np.zeros(size), index=pd.MultiIndex.from_tuples([(n / 1, 0.5, 0.5) for n in range(size)]))
    forged = pd.Series(np.zeros(size), index=pd.MultiIndex.from_tuples(labels))
    calls = Counter[str]()

    def count(frame: Any, event: str, argument: Any) -> None:
        calls[event] += 1

    record = encode(forged)
    sys.setprofile(count)
    try:
        assert judged(encode(want), record) == "wrong_value"
    finally:
        sys.setprofile(None)
    assert calls.total() < 50 * size


@pytest.mark.parametrize("seed", range(6))
def test_whatever_a_record_is_changed_into_costs_that_value_only(seed: int) -> None:
    random = Random(seed)
    table = pd.DataFrame({"a": [1.5, np.nan], "b": ["x", None], "c": pd.Categorical(["u", "v"], ordered=True)})
    values = [{"a": 1.0, (1, "z"): {"q": None}}, {1, 2.5, "x", (1, 2), frozenset([7])}, date(2020, 1, 1), table, table["a"],
              table.set_index(["a", "b"]).index, ["a", [1.0, 2.0]], datetime(2020, 1, 1, tzinfo=timezone.utc)]  # fmt: skip
    records = [*map(encode, values), {"drawn": {**WORDS, "bars": encode(np.ones((2, 4))), "lines": {"list": []}}}]
    parts = [part for record in records for part in _parts(record)]
    for record in records:
        right = json.dumps(record, sort_keys=True)
        for _ in range(20):
            changed = json.loads(right)
            place = random.choice([part for part in _parts(changed) if isinstance(part, (dict, list)) and part])
            key = random.choice(list(place)) if isinstance(place, dict) else random.randrange(len(place))
            place[key] = random.choice([*parts, None, True, 2**64, 1.5, "", [], {}, {"none": True}, {"list": [[]]}])
            verdict = judged(record, changed, "equal")
            assert verdict == "passed" if json.dumps(changed, sort_keys=True) == right else verdict


def _parts(data: Any) -> Iterator[Any]:
    yield data
    for part in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _parts(part)
