"""A value leaves the kernel as data: every allowed value arrives unchanged, everything else is refused in words."""

from __future__ import annotations

import json
import pickle
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursegrader.errors import EvidenceError
from coursegrader.evidence import (
    DTYPES,
    MAX_BYTES,
    MAX_DEPTH,
    MIME,
    REFERENCE_VARIABLE,
    SEED_VARIABLE,
    accuracy,
    encode,
    evidence,
    mse_below,
    rng,
)
from coursegrader.evidence.arrays import as_array
from coursegrader.judging.values.decoding import decode

ARRAYS = st.sampled_from(sorted(DTYPES)).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)
LEAVES = ARRAYS | st.text() | st.none()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4), max_leaves=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def through_json(value):
    """Send data the way a kernel message does."""
    return json.loads(json.dumps(value))


def same(one, other) -> bool:
    """Tell whether two values are the same to the last bit, with a list of equal arrays being one array."""
    if isinstance(other, np.ndarray) and isinstance(one, list):
        return len(one) == len(other) and all(same(a, np.asarray(b)) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.shape == other.shape and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


# -- the codec ---------------------------------------------------------------------------------------------------------


@given(ARRAYS)
@settings(deadline=None)
def test_an_array_of_any_allowed_dtype_arrives_bit_by_bit(array):
    arrived = decode(through_json(encode(array)))
    assert (arrived.dtype, arrived.shape, arrived.tobytes()) == (array.dtype, array.shape, array.tobytes())


@given(VALUES)
@settings(deadline=None)
def test_nested_lists_arrive_unchanged(value):
    assert same(value, decode(through_json(encode(value))))


@pytest.mark.parametrize(
    "dtype", [torch.float16, torch.float32, torch.float64, torch.int8, torch.int64, torch.bool, torch.complex64]
)
def test_a_tensor_arrives_as_the_array_it_is(dtype):
    tensor = torch.tensor([[1, 0, 3], [4, 5, 0]], dtype=dtype)
    arrived = decode(through_json(encode(tensor)))
    assert arrived.dtype == tensor.numpy().dtype
    assert arrived.tolist() == tensor.tolist()


def test_a_tensor_that_needs_gradients_is_transposed_or_conjugated_arrives():
    grown = torch.arange(6.0, requires_grad=True).reshape(2, 3).T
    assert decode(encode(grown)).tolist() == [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
    assert decode(encode(torch.tensor([1 + 2j]).conj())).tolist() == [1 - 2j]


def test_a_tensor_whose_sign_is_still_to_be_applied_arrives():
    imaginary = torch.tensor([1 + 2j, 3 - 4j]).conj().imag
    assert imaginary.is_neg()
    assert decode(through_json(encode(imaginary))).tolist() == [-2.0, 4.0]


@pytest.mark.parametrize("array", [np.array([None, 1], dtype=object), np.array(["a"]), np.array([b"a"])])
def test_an_array_of_anything_but_numbers_and_times_is_none_of_ours(array):
    assert as_array(array) is None
    assert as_array([array, array]) is None


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        (np.array([[1, 2], [3, 4.5]], dtype=object), [[1.0, 2.0], [3.0, 4.5]]),
        (np.array(3.5, dtype=object), 3.5),
        (np.longdouble(2) / 4, 0.5),
        (np.array([1, 2], dtype=np.clongdouble), [1 + 0j, 2 + 0j]),
        ([Fraction(1, 2), 2.0], [0.5, 2.0]),
        (np.array([Decimal("0.25")]), [0.25]),
    ],
    ids=str,
)
def test_numbers_of_seldom_types_arrive_as_numbers(given, numbers):
    assert decode(through_json(encode(given))).tolist() == numbers


def test_an_array_that_holds_itself_is_refused_in_words():
    value = np.empty((), dtype=object)
    value[()] = value
    with pytest.raises(TypeError, match="neither a number"):
        encode(value)


def test_a_fraction_beyond_every_float_is_refused_in_words():
    with pytest.raises(TypeError, match="neither a number"):
        encode(Fraction(10**400))


def test_lists_in_one_another_are_decoded_to_a_depth_and_no_further():
    def nested(depth: int) -> dict[str, Any]:
        return {"list": [nested(depth - 1)]} if depth else {"none": True}

    assert str(decode(nested(MAX_DEPTH))).count("[") == MAX_DEPTH
    with pytest.raises(EvidenceError, match="malformed"):
        decode(nested(MAX_DEPTH + 1))


def test_bfloat16_travels_as_float32():
    assert decode(encode(torch.tensor([1.5, -2.0], dtype=torch.bfloat16))).tolist() == [1.5, -2.0]


def test_a_big_endian_array_arrives_with_the_same_values():
    assert decode(encode(np.array([1.5, -2.0], dtype=">f8"))).tolist() == [1.5, -2.0]


@pytest.mark.parametrize(("number", "kind"), [(3, "i"), (2.5, "f"), (True, "b"), (1j, "c"), (np.float32(2.5), "f")])
def test_a_number_is_an_array_without_dimensions(number, kind):
    arrived = decode(encode(number))
    assert arrived.shape == ()
    assert arrived.dtype.kind == kind
    assert arrived == number


def test_a_rectangular_list_is_one_array_and_a_ragged_one_a_list():
    assert decode(encode([[1, 2], [3, 4]])).tolist() == [[1, 2], [3, 4]]
    assert [part.tolist() for part in decode(encode([[1, 2], [3]]))] == [[1, 2], [3]]
    assert decode(encode((torch.zeros(2), torch.ones(2)))).tolist() == [[0, 0], [1, 1]]
    assert decode(encode([])) == []


@pytest.mark.parametrize(
    "value",
    [
        object(),
        b"bytes",
        {"a": object()},
        {(1, object())},
        {float("nan")},
        {float("nan"): 1},
        {2**70: 1},
        np.ma.masked_array([1, 2], [True, False]),
        2**70,
        np.array([object()]),
        np.array(["2026-01-01"], dtype="datetime64[ps]"),
        np.zeros(2, dtype=[("a", float)]),
        torch.zeros(3).to_sparse(),
        torch.zeros(2, device="meta"),
        torch.nn.Linear(1, 1),
        [1, object()],
        range,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_plain_value_is_refused(value):
    with pytest.raises((TypeError, ValueError, RuntimeError)):
        encode(value)


def test_what_is_too_large_or_too_deep_is_refused():
    deep: list = ["bottom"]
    for _ in range(MAX_DEPTH):
        deep = [deep]
    endless: list = []
    endless.append(endless)
    wide: list = ["many"]
    for _ in range(MAX_DEPTH - 1):
        wide = [wide] * 9_000
    knot: dict = {}
    knot["again"] = [knot]
    for value in (
        *(np.zeros(MAX_BYTES), "x" * (MAX_BYTES + 1), ["x"] * 10_001, dict.fromkeys(range(10_001), 0)),
        *(set(range(10_001)), [np.zeros(50_000)] * 3, {"a": "x" * 600_000, "b": "x" * 600_000}),
        *(deep, endless, wide, knot),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 -- what is said is for the log only
            encode(value)


def test_the_largest_allowed_array_arrives():
    assert decode(encode(np.ones(750_000, dtype=np.uint8))).sum() == 750_000


@given(JSON)
@settings(deadline=None)
def test_arbitrary_json_is_decoded_or_refused_and_nothing_else(data):
    refuse_or_decode(data)


MUTATIONS = st.sampled_from(["dtype", "shape", "data", "kind", "drop", "extra"])


@given(ARRAYS, MUTATIONS, JSON | st.lists(st.integers(0, MAX_BYTES), max_size=40) | st.sampled_from(sorted(DTYPES)))
@settings(deadline=None, max_examples=300)
def test_any_mutation_of_a_record_is_decoded_to_an_allowed_value_or_refused(array, mutation, junk):
    record = encode(array)
    if mutation == "kind":
        record = {str(junk): record["array"]}
    elif mutation == "drop":
        record["array"].pop(sorted(record["array"])[array.size % 3])
    elif mutation == "extra":
        record["pickle"] = junk
    else:
        record["array"][mutation] = junk
    refuse_or_decode(record)


@given(ARRAYS, st.data())
@settings(deadline=None)
def test_a_record_with_a_changed_character_of_data_is_decoded_or_refused(array, data):
    record = encode(array)
    text = record["array"]["data"]
    place = data.draw(st.integers(0, len(text)))
    record["array"]["data"] = text[:place] + data.draw(st.text(max_size=2)) + text[place + 1 :]
    refuse_or_decode(record)


def refuse_or_decode(record):
    """Decode, and check the kind of whatever comes of it; only EvidenceError may be raised."""
    try:
        arrived = decode(record)
    except EvidenceError:
        return
    pending = [arrived]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending += value
        elif isinstance(value, np.ndarray):
            assert value.dtype.str in DTYPES
        else:
            assert value is None or isinstance(value, str)


@pytest.mark.parametrize(
    "shape",
    [[0, 10**6, 10**6, 10**6, 10**6], [0] * 33, [-1, -1], [True], [1.0], ["1"], [10**7, 0], None, {"0": 1}],
    ids=str,
)
def test_a_shape_that_numpy_would_choke_on_is_refused(shape):
    with pytest.raises(EvidenceError):
        decode({"array": {"dtype": "<f8", "shape": shape, "data": ""}})


@pytest.mark.parametrize("data", ["AAAA\n", " AAAA", "AA=A", "AAA", "AAA_", "\u00c4AAA", "\ud800", None, b"AAAA"])
def test_data_that_is_not_plain_base64_is_refused(data):
    assert decode({"array": {"dtype": "|u1", "shape": [3], "data": "AAAA"}}).tolist() == [0, 0, 0]
    with pytest.raises(EvidenceError):
        decode({"array": {"dtype": "|u1", "shape": [3], "data": data}})


def test_a_pickle_is_never_read():
    class Bomb:
        def __reduce__(self):
            return sys.exit, ("a pickle was read",)

    for data in (pickle.dumps(Bomb()).hex(), pickle.dumps(Bomb(), 0).decode("latin-1")):
        for dtype in ("|O", "O", "object", "|V8", "<U4", "<M8[s]"):
            with pytest.raises(EvidenceError):
                decode({"array": {"dtype": dtype, "shape": [1], "data": data}})


# -- emitting ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def emitted(monkeypatch):
    """Return the list of records that are displayed while a test runs as if in a kernel being graded."""
    records = []
    monkeypatch.setattr("IPython.display.publish_display_data", lambda data: records.append(data[MIME]))
    monkeypatch.setenv(SEED_VARIABLE, "1")
    monkeypatch.delenv(REFERENCE_VARIABLE, raising=False)
    return records


def test_a_students_record_holds_a_name_and_a_value_and_no_terms(emitted):
    evidence("h", 2.5, weight=9, atol=9, judge=mse_below(9), target=lambda: pytest.fail("targets are the instructor's"))
    assert emitted == [{"name": "h", "value": encode(2.5)}]


def test_the_reference_run_adds_terms_and_target(emitted, monkeypatch):
    monkeypatch.setenv(REFERENCE_VARIABLE, "1")
    evidence("h", 2.5, weight=2, atol=0.5, rtol=0.25, judge=mse_below(0.1), target=lambda: [1.0, 2.0])
    evidence("o", ["x"], judge=accuracy("truth/labels.txt", 0.7, 0.8), label="five names")
    first, second = (record["terms"] for record in emitted)
    assert first == {"judge": "mse_below", "bound": 0.1, "weight": 2.0, "atol": 0.5, "rtol": 0.25}
    assert decode(emitted[0]["target"]).tolist() == [1.0, 2.0]
    assert {key: second[key] for key in ("judge", "truth", "zero_at", "full_at")} == {
        "judge": "accuracy",
        "truth": "truth/labels.txt",
        "zero_at": 0.7,
        "full_at": 0.8,
    }
    assert second["label"] == "five names"


def test_a_value_that_cannot_travel_is_reported_and_does_not_stop_the_region(emitted):
    class Unwilling:
        def detach(self):
            raise RuntimeError("no")

    evidence("a", object())
    evidence("b", Unwilling())
    evidence("c", {"k": object()})
    assert [sorted(record) for record in emitted] == [["error", "name"]] * 3


def test_outside_the_grader_the_value_is_described_for_the_author(capsys, monkeypatch):
    monkeypatch.delenv(SEED_VARIABLE, raising=False)
    evidence("all_h", torch.tensor([[0.5, -1.5]]))
    evidence("word", "hello")
    evidence("nothing", np.zeros((0, 3)))
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "evidence all_h: shape (1, 2), float32, from -1.5 to 0.5"
    assert "'hello'" in told[1]
    assert "(0, 3)" in told[2]


# -- hidden inputs -----------------------------------------------------------------------------------------------------


def draw(*arguments) -> list[float]:
    """Draw a few numbers."""
    return rng(*arguments).standard_normal(3).tolist()


def test_hidden_inputs_depend_on_seed_label_and_sizes_only(monkeypatch):
    monkeypatch.setenv(SEED_VARIABLE, "7")
    streams = [draw("a", 1, 2), draw("a", 2, 1), draw("a", 12), draw("b", 1, 2), draw("a")]
    assert draw("a", 1, 2) == streams[0]
    assert len({tuple(stream) for stream in streams}) == len(streams)
    monkeypatch.setenv(SEED_VARIABLE, "8")
    assert draw("a", 1, 2) != streams[0]


def test_hidden_inputs_are_not_moved_by_other_generators(monkeypatch):
    monkeypatch.setenv(SEED_VARIABLE, "7")
    before = draw("a", 1)
    np.random.seed(0)
    torch.manual_seed(0)
    assert draw("a", 1) == before
