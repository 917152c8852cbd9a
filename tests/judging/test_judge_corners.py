"""The judge's corners: where arithmetic, types and rounding could make something wrong pass, or something right fail."""

from __future__ import annotations

import base64
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursegrader.authoring.constants import constants, drowned
from coursegrader.course.cells import GradedCell
from coursegrader.errors import EvidenceError
from coursegrader.evidence import encode
from coursegrader.judging.judge import earned, judge, judge_cell
from coursegrader.judging.judges.expectations import expectations
from coursegrader.judging.values.decoding import decode
from coursegrader.model import CellRun, EvidenceResult

NAN, INF = math.nan, math.inf
CELL = GradedCell("test_x", 4.0, manual=False, optional=False, visible="", hidden="...")


def expected(want, **terms):
    """Return the one expectation of a value."""
    terms = {"judge": "close", "weight": 1.0, "atol": 1e-4, "rtol": 1e-4, **terms}
    return expectations([{"name": "v", "value": encode(want), "terms": terms}], "here")


def passes(want, got, **terms) -> bool:
    """Say whether a value passes for another."""
    return judge(expected(want, **terms), [{"name": "v", "value": encode(got)}])[0].fraction == 1


def weighted(*pairs):
    """Return results with these weights and fractions."""
    return [EvidenceResult("v", "", fraction, weight) for weight, fraction in pairs]


# -- complex numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("want", [complex(NAN, 1), complex(1, NAN), complex(INF, 1), complex(1, -INF)])
@pytest.mark.parametrize(
    "got", [complex(NAN, 2), complex(2, NAN), complex(NAN, NAN), complex(INF, 2), complex(INF, -INF)]
)
def test_nan_or_infinity_in_one_part_excuses_nothing_in_the_other(want, got):
    assert not passes([want, 1j], [got, 1j])
    assert passes([want, 1j], [want, 1j])


# -- rounding ----------------------------------------------------------------------------------------------------------


def close(want, got, **terms) -> EvidenceResult:
    """Return the judgement of one value."""
    return judge(expected(np.array(want), **terms), [{"name": "v", "value": encode(np.array(got))}])[0]


@given(
    want=hnp.arrays(float, st.integers(1, 9), elements=st.floats(-1e6, 1e6)),
    noise=st.lists(st.floats(-1e-13, 1e-13), min_size=18, max_size=18),
)
@settings(deadline=None)
def test_the_last_digits_of_a_library_change_no_word_of_a_result(want, noise):
    count = len(want)
    one, other = want * (1 + np.array(noise[:count])), want * (1 + np.array(noise[count : 2 * count]))
    assert close(want, one) == close(want, other) == close(want, want)


def test_an_error_that_counts_is_told_with_all_its_digits():
    result = close([1.0, 2.0, 0.0], [1.0 + 2e-6, 2.0 + 1e-12, 0.0], atol=0.0, rtol=1e-4)
    assert (result.verdict, result.where, result.got) == ("passed", [0], str(1.0 + 2e-6))
    assert result.max_error == (1.0 + 2e-6) - 1.0
    wrong = close([1.0, 2.0], [1.0 + 2e-8, 2.5])
    assert (wrong.verdict, wrong.max_error, wrong.where) == ("wrong_value", 0.5, [1])


def test_nothing_is_rounding_where_exactly_one_value_is_right():
    result = close([1.0], [1.0 + 2e-16], atol=0.0, rtol=0.0)
    assert (result.verdict, result.max_error) == ("wrong_value", (1.0 + 2e-16) - 1.0)


# -- whole numbers -----------------------------------------------------------------------------------------------------


@given(st.integers(-(2**63), 2**64 - 1), st.integers(-3, 3), st.booleans())
@settings(deadline=None)
def test_whole_numbers_of_any_size_are_compared_exactly(number, shift, judge_equal):
    near = min(max(number + shift, -(2**63)), 2**64 - 1)
    terms = {"judge": "equal"} if judge_equal else {"atol": 0.0, "rtol": 0.0}
    assert passes(number, near, **terms) == (near == number)


@given(st.integers(-(2**63), 2**63 - 1), st.floats(-(2.0**64), 2.0**64))
@settings(deadline=None)
def test_a_decimal_passes_for_a_large_whole_number_only_within_the_tolerance(number, value):
    exact = abs(Fraction(value) - number)
    if exact == 0 or exact >= 2:
        assert passes(number, value, atol=1.0, rtol=0.0) == (exact <= 1)


def test_two_large_whole_numbers_one_apart_are_told_apart_anywhere_in_an_array():
    want, one_more = np.array([[1, 2**60], [3, 2**62 + 1]]), np.array([[0, 0], [0, 1]])
    result = judge(expected(want, judge="equal"), [{"name": "v", "value": encode(want + one_more)}])[0]
    assert (result.verdict, result.where, result.max_error) == ("wrong_value", [1, 1], 1.0)
    assert (result.expected, result.got) == (str(2**62 + 1), str(2**62 + 2))


@pytest.mark.parametrize(
    ("want", "got"),
    [
        (np.uint8([0]), np.int64([-1])),
        (np.uint8([255]), np.uint16([511])),
        (np.int64([-1]), np.uint64([2**64 - 1])),
        (np.float16([1000.0]), np.float64([70000.0])),
        (np.float32([0.0]), np.float64([1e300])),
    ],
)
def test_no_dtype_wraps_round_or_overflows_into_the_right_value(want, got):
    assert not passes(want, got)
    assert not passes(got, want)


# -- kinds -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("want", "got"),
    [
        ([1, 2], [True, 2]), ([1.0, 0.0], [True, False]), ([True, False], [1, 0]), (1, True), (0.0, False), ([0, 1], [False, 1.0]),
        (1.0, "1.0"), ("1", 1), ("True", True), (["1"], [1]), ("a", ["a"]), (["a"], "a"),
        ("a", "\u0430"), ("beam", "be\u0430m"), ("ab", "a\u200bb"), ("a", "a "), ("a", "A"), ("\u00e9", "e\u0301"),
        (None, "None"), (None, 0.0), (None, []), ([None], [0]), (["a", None], ["a", "None"]),
        ([1.0, 2.0], [1.0]), ([[1.0, 2.0]], [1.0, 2.0]), ([[1.0], [2.0]], [[1.0, 2.0]]),
    ],
)  # fmt: skip
def test_what_only_looks_alike_does_not_pass(want, got):
    assert not passes(want, got)
    assert not passes(want, got, judge="equal")


@pytest.mark.parametrize(("want", "got"), [(0.0, -0.0), ([0.0, 1.0], [-0.0, 1.0]), (np.float32(0), 0), (1, 1.0)])
def test_what_is_the_same_number_passes(want, got):
    assert passes(want, got)
    assert passes(want, got, judge="equal")


@given(hnp.arrays(st.sampled_from(["f4", "f8", "i4", "u1", "c16", "?"]), hnp.array_shapes(max_dims=3, max_side=3)))
@settings(deadline=None)
def test_every_value_passes_for_itself_nan_and_all(array):
    assert passes(array, array)
    assert passes(array, array, judge="equal")
    assert passes(array, array.copy(order="F"))


@given(
    hnp.arrays("c16", (2, 2), elements=st.complex_numbers(allow_nan=True, allow_infinity=True)),
    st.sampled_from([NAN, INF, -INF, 1e300, 7.0]),
    st.booleans(),
)
@example(array=np.full((2, 2), 1.3e308 + 1.3e308j), other=NAN, real=False)
@example(array=np.full((2, 2), 1.3e308 + 1.3e308j), other=7.0, real=True)
@example(array=np.full((2, 2), -1.79769312e308 + 0j), other=1e300, real=True)
@settings(deadline=None)
def test_one_part_of_one_number_changed_never_passes(array, other, real):
    changed = array.copy()
    part = changed.real if real else changed.imag
    before = float(part[1, 0])
    part[1, 0] = other
    same = before == other or (math.isnan(before) and math.isnan(other))
    finite = math.isfinite(before) and math.isfinite(abs(array[1, 0]))
    near = finite and abs(other - before) <= 1e-4 + 1e-4 * abs(array[1, 0])
    assert passes(array, changed) == (same or near)


# -- data and shapes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        {"dtype": "<f8", "shape": [2], "data": base64.b64encode(bytes(8)).decode()},
        {"dtype": "<f8", "shape": [-1], "data": base64.b64encode(bytes(8)).decode()},
        {"dtype": "<f8", "shape": [True], "data": base64.b64encode(bytes(8)).decode()},
        {"dtype": "<f8", "shape": [1.0], "data": base64.b64encode(bytes(8)).decode()},
        {"dtype": "<f8", "shape": [0], "data": base64.b64encode(bytes(8)).decode()},
        {"dtype": "<f8", "shape": [], "data": ""},
        {"dtype": "<f8", "shape": [1], "data": base64.b64encode(bytes(8)).decode()[:-1]},
        {"dtype": ">f8", "shape": [1], "data": base64.b64encode(bytes(8)).decode()},
        {"dtype": "O", "shape": [1], "data": base64.b64encode(bytes(8)).decode()},
        {"dtype": "|b1", "shape": [2], "data": base64.b64encode(b"\x01\x02").decode()},
        {"dtype": "|b1", "shape": [1], "data": base64.b64encode(b"\xff").decode()},
    ],
)
def test_data_that_is_not_what_it_says_is_malformed(value):
    with pytest.raises(EvidenceError):
        decode({"array": value})
    result = judge(expected([1.0, 2.0]), [{"name": "v", "value": {"array": value}}])[0]
    assert (result.verdict, result.fraction) == ("malformed", 0.0)


def test_nothing_passes_for_nothing_of_another_shape_or_kind():
    assert passes(np.zeros((0, 3)), np.zeros((0, 3)))
    assert not passes(np.zeros((0, 3)), np.zeros((0, 2)))
    assert not passes(np.zeros(0), np.zeros(0, dtype=bool))
    assert not passes([], "")
    assert not passes("", [])


# -- points ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.floats(0, 1e308), st.floats(0, 1)), min_size=1, max_size=50), st.floats(0, 1000))
@settings(deadline=None)
def test_full_points_are_for_those_who_passed_everything_that_counts(pairs, points):
    counting = [fraction for weight, fraction in pairs if weight > 0]
    got = earned(weighted(*pairs), points)
    assert 0 <= got <= points
    if counting and all(fraction == 1 for fraction in counting):
        assert got == points
    elif points:
        assert got < points


@pytest.mark.parametrize(
    ("pairs", "points", "got"),
    [
        ([(1, 1.0)] * 999 + [(1, 0.0)], 4.0, 3.99),
        ([(1e9, 1.0), (1e-9, 0.0)], 1.1, 1.09),
        ([(1, 1.0), (1e-30, 0.0)], 1.0, 0.99),
        ([(1e308, 1.0), (1e308, 0.0)], 2.0, 1.0),
        ([(1, 1.0), (1, 0.0), (1, 1.0)], 0.01, 0.0),
        ([(0, 0.0), (1, 1.0)], 3.0, 3.0),
        ([(0, 1.0)], 3.0, 0.0),
        ([], 3.0, 0.0),
    ],
)
def test_nothing_less_is_rounded_up_to_full(pairs, points, got):
    assert earned(weighted(*pairs), points) == got


def test_a_wrong_answer_to_a_cell_of_no_points_is_not_full():
    cell = GradedCell("test_x", 0.0, manual=False, optional=False, visible="", hidden="...")
    wrong = judge_cell(cell, CellRun("ok", [{"name": "v", "value": encode(2.0)}], visible="ok"), expected(1.0))
    assert (wrong.points, wrong.verdict) == (0.0, "wrong")
    right = judge_cell(cell, CellRun("ok", [{"name": "v", "value": encode(1.0)}], visible="ok"), expected(1.0))
    assert (right.points, right.verdict) == (0.0, "full")


@pytest.mark.parametrize(
    ("credit", "points", "verdict"),
    [("", 4.0, "full"), ("'done'", 4.0, "full"), ("4", 4.0, "full"), ("4.0", 4.0, "full"), ("2.5", 2.5, "partial"),
     ("0", 0.0, "wrong"), ("-1", 0.0, "wrong"), ("5", 0.0, "wrong"), ("1e400", 0.0, "wrong"), ("nan", 0.0, "wrong")],
)  # fmt: skip
def test_a_cell_without_evidence_has_nbgraders_partial_credit_and_never_more(credit, points, verdict):
    result = judge_cell(CELL, CellRun("ok", visible="ok", credit=credit), [])
    assert (result.points, result.verdict) == (points, verdict)
    stopped = judge_cell(CELL, CellRun("error", visible="ok", credit=credit), [])
    assert (stopped.points, stopped.verdict) == (0.0, "wrong")
    unseen = judge_cell(CELL, CellRun("ok", visible="error", credit=credit), [])
    assert (unseen.points, unseen.verdict) == (0.0, "wrong")


# -- what `check` finds ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (1e-5, True), ([1e-5, 2e-5, 1.0], True), ([1e-5, 1.0, 2.0], False), ([0.0, 1.0], False), ([0.0, 0.0], False),
        (["a", [1e-5, 1e-6]], True), (1e-5j, True), (True, False), ("a", False), ([NAN, 1.0], False), (2e-4, False),
    ],
)  # fmt: skip
def test_values_that_drown_in_their_tolerance_are_found(value, found):
    assert drowned(expected(value)[0]) == found
    assert not drowned(expected(value, judge="equal")[0])


@pytest.mark.parametrize(
    "value", [0.0, [0.0, 0.0], ["0", [1.0]], np.zeros(0), [True, True], [False], ["", [0.0]], 1j * 0]
)
def test_constants_of_every_form_are_tried(value):
    tried = [constant for _, constant in constants(expected(value)[0])]
    assert any(passes(value, constant) for constant in tried)


@pytest.mark.parametrize("got", [0.0, 1e300, NAN, INF, -1.7e308])
@pytest.mark.parametrize("want", [1.7e308, 1.2e308 + 1.2e308j])
def test_nothing_far_off_passes_for_the_largest_numbers(want, got):
    assert not passes(want, got)
    assert not passes(want, got, rtol=0.5)
    assert passes(want, want * (1 - 1e-6))


def test_what_says_that_it_could_not_travel_counts_for_nothing_whatever_else_it_carries():
    record = {"name": "v", "value": encode(1.0)}
    assert judge(expected(1.0), [record])[0].fraction == 1
    (refused,) = judge(expected(1.0), [{**record, "error": "TypeError: forged"}])
    assert (refused.verdict, refused.fraction) == ("wrong_type", 0.0)


def test_a_shape_of_very_many_dimensions_is_told_by_their_number():
    want = np.zeros([1] * 9)
    (wrong,) = judge(expected(want), [{"name": "v", "value": encode([0.0])}])
    assert "one of 9 dimensions" in wrong.message
