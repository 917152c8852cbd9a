"""The judge: right values earn their points, whatever else a kernel sends earns nothing, and both are said in words."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursegrader.course.cells import GradedCell
from coursegrader.errors import AuthoringError
from coursegrader.evidence import accuracy, encode, mse_below
from coursegrader.judging.judge import earned, judge, judge_cell, judge_written
from coursegrader.judging.judges.expectations import expectations
from coursegrader.model import UNJUDGED, CellRun

NAN, INF = math.nan, math.inf


def written(name, value, terms="close", target=None, **numbers):
    """Return a record as the reference run emits it."""
    judge_terms = {"judge": terms} if isinstance(terms, str) else terms
    record = {"name": name, "value": encode(value)}
    record["terms"] = {**judge_terms, "weight": 1.0, "atol": 1e-4, "rtol": 1e-4, **numbers}
    return record if target is None else {**record, "target": encode(target)}


def emitted(name, value):
    """Return a record as a student's run emits it."""
    return {"name": name, "value": encode(value)}


def verdict(want, got, **more):
    """Judge one value."""
    return judge(expectations([written("v", want, **more)], "here"), [emitted("v", got)])[0]


# -- close -------------------------------------------------------------------------------------------------------------


def test_an_error_within_the_tolerance_passes_and_one_beyond_it_does_not():
    assert verdict(1000.0, 1000.0 + 0.1, atol=1e-4, rtol=1e-4).verdict == "passed"
    assert verdict(1000.0, 1000.0 + 0.11, atol=1e-4, rtol=1e-4).verdict == "wrong_value"
    assert verdict(0.0, 1e-4).verdict == "passed"
    assert verdict(0.0, 1.1e-4).verdict == "wrong_value"


@given(hnp.arrays("f8", (3, 2), elements=st.floats(-1e6, 1e6)))
@settings(deadline=None)
def test_the_expected_value_itself_always_passes_and_a_shifted_one_never(array):
    assert verdict(array, array).fraction == 1
    shifted = array.copy()
    shifted[1, 1] += 1e-3 + 2e-4 * abs(shifted[1, 1])
    result = verdict(array, shifted)
    assert (result.verdict, result.fraction, result.where) == ("wrong_value", 0, [1, 1])


@pytest.mark.parametrize("got", [NAN, INF, -INF])
def test_nan_and_inf_never_pass_for_a_number(got):
    result = verdict([1.0, 2.0, 3.0], [1.0, got, 3.0])
    assert (result.verdict, result.fraction, result.where) == ("wrong_value", 0, [1])


@pytest.mark.parametrize("want", [INF, -INF, NAN])
@pytest.mark.parametrize("got", [0.0, 1e300, INF, -INF, NAN])
def test_an_infinite_expectation_opens_no_tolerance(want, got):
    expected = "passed" if repr(want) == repr(got) else "wrong_value"
    assert verdict([want, 1.0], [got, 1.0]).verdict == expected


def test_an_infinity_beside_it_does_not_excuse_another_element():
    result = verdict([INF, 1.0], [INF, 2.0])
    assert (result.verdict, result.where, result.max_error) == ("wrong_value", [1], 1.0)


def test_whole_numbers_pass_for_decimals_and_the_other_way_round():
    assert verdict([1.0, 2.0], [1, 2]).verdict == "passed"
    assert verdict([1, 2], torch.tensor([1.0, 2.0])).verdict == "passed"
    assert verdict(3, 3.5).verdict == "wrong_value"


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_precision_of_the_students_own_choice_is_fine(dtype):
    assert verdict(np.array([0.5, 0.25]), np.array([0.5, 0.25], dtype=dtype)).verdict == "passed"


def test_half_precision_that_misses_the_tolerance_is_wrong():
    assert verdict(0.1234567, np.float16(0.1234567), atol=1e-6, rtol=0.0).verdict == "wrong_value"


@pytest.mark.parametrize(
    ("want", "got", "said"),
    [
        (1.0, True, "expected real numbers, got True or False"),
        (True, 1, "expected True or False, got real numbers"),
        (1.0, 1 + 0j, "expected real numbers, got complex numbers"),
        (1.0, None, "expected real numbers, got None"),
        (1.0, "1.0", "expected real numbers, got text"),
        ("a", ["a"], "expected text, got a list"),
        (None, 0, "expected None, got real numbers"),
        ([1.0, 2.0], [1.0, [2.0]], "expected real numbers, got a list"),
        ([1.0, 2.0], [], "expected real numbers, got a list"),
    ],
)
def test_the_wrong_kind_is_said_first(want, got, said):
    result = verdict(want, got)
    assert (result.verdict, result.fraction, result.max_error) == ("wrong_type", 0, None)
    assert result.message.startswith(said)


@pytest.mark.parametrize(
    ("want", "got", "said"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2)), "expected shape (2, 3), got (3, 2)"),
        (np.zeros((2, 3)), np.zeros(6), "expected shape (2, 3), got (6)"),
        (np.array(1.0), np.array([1.0]), "expected shape () (a single number), got (1)"),
        (np.array([1.0]), np.array(1.0), "expected shape (1), got () (a single number)"),
        (["a", "b"], ["a"], "expected 2 entries, got 1"),
        (np.zeros((0, 3)), np.zeros((0, 4)), "expected shape (0, 3), got (0, 4)"),
    ],
    ids=str,
)
def test_the_wrong_shape_is_said_before_any_value(want, got, said):
    result = verdict(want, got)
    assert (result.verdict, result.fraction, result.message) == ("wrong_shape", 0, said)


def test_empty_arrays_of_one_shape_are_equal():
    assert verdict(np.zeros((0, 3)), np.zeros((0, 3))).fraction == 1


def test_complex_numbers_are_compared_by_their_distance():
    assert verdict(1 + 1j, 1 + 1j + 5e-5j).verdict == "passed"
    result = verdict([3 + 4j, 1j], [3 + 4j, -1j])
    assert (result.verdict, result.max_error, result.where) == ("wrong_value", 2.0, [1])


def test_the_worst_error_is_named_with_its_own_place_and_values():
    result = verdict([1e6, 1.0, 1.0], [1e6 + 50, 1.5, 1.0])
    assert (result.where, result.max_error) == ([1], 0.5)  # 50 at 1e6 is within the relative tolerance
    assert (float(result.expected), float(result.got)) == (1.0, 1.5)


def test_the_max_error_of_a_right_answer_is_reported_too():
    assert verdict([1.0, 2.0], [1.0, 2.0 + 2**-14]).max_error == 2**-14


def test_text_and_nothing_are_compared_as_they_are():
    assert verdict("LSTM", "LSTM").fraction == 1
    assert verdict("LSTM", "lstm").fraction == 0
    assert verdict(None, None).fraction == 1


def test_in_a_list_the_first_wrong_entry_is_named():
    assert verdict([[1.0], [2.0, 3.0]], [[1.0], [2.0, 3.0]]).fraction == 1
    wrong = verdict([[1.0], [2.0, 3.0]], [[1.0], [2.0, 4.0]])
    assert (wrong.verdict, wrong.where, wrong.max_error, wrong.message) == ("wrong_value", [1, 1], 1.0, "")
    shape = verdict([[1.0], [2.0, 3.0]], [[1.0], [2.0, 3.0, 4.0]])
    assert (shape.verdict, shape.message) == ("wrong_shape", "entry 1: expected shape (2), got (3)")


def test_equal_leaves_no_tolerance():
    assert verdict([1.0, 2.0], [1.0, 2.0], terms="equal").verdict == "passed"
    assert verdict(1.0, 1.0 + 2**-52, terms="equal").verdict == "wrong_value"


@pytest.mark.parametrize("got", [1.7e308, -1.7e308])
def test_a_difference_too_large_for_a_float_is_an_infinite_error(got):
    result = verdict([-got], [got])
    assert (result.verdict, result.max_error) == ("wrong_value", INF)


# -- names -------------------------------------------------------------------------------------------------------------

TWO = [written("a", 1.0), written("b", 2.0, weight=3.0)]


def test_a_missing_value_earns_nothing_and_the_others_keep_theirs():
    results = judge(expectations(TWO, "here"), [emitted("b", 2.0)])
    assert [(r.verdict, r.fraction) for r in results] == [("missing", 0), ("passed", 1)]


def test_a_value_sent_twice_earns_nothing_even_if_both_are_right():
    results = judge(expectations(TWO, "here"), [emitted("a", 1.0), emitted("b", 2.0), emitted("a", 1.0)])
    assert [r.verdict for r in results] == ["repeated", "passed"]


def test_names_nobody_asked_for_are_ignored():
    records = [emitted("a", 1.0), emitted("bonus", 100.0), emitted("b", 2.0)]
    assert [r.name for r in judge(expectations(TWO, "here"), records)] == ["a", "b"]


def test_tolerance_weight_and_judge_of_the_students_record_are_ignored():
    record = {**emitted("a", 7.0), "terms": {"judge": "equal", "weight": 99, "atol": 99, "rtol": 99}, "target": 7}
    result = judge(expectations(TWO, "here"), [record])[0]
    assert (result.verdict, result.fraction, result.weight, result.tolerance) == ("wrong_value", 0, 1.0, 1e-4)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("a"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "value", "array"]), inner),
    max_leaves=8,
)


@given(st.lists(JUNK | st.fixed_dictionaries({"name": st.just("a"), "value": JUNK}), max_size=4))
@settings(deadline=None)
def test_whatever_a_kernel_sends_is_judged_without_an_exception_and_earns_nothing(records):
    results = judge(expectations(TWO, "here"), records)
    assert [r.fraction for r in results] == [0, 0]
    assert all(r.message for r in results)


def test_a_value_the_kernel_could_not_encode_is_of_the_wrong_type():
    result = judge(expectations(TWO, "here"), [{"name": "a", "error": "Trap: </script>"}])[0]
    assert result.verdict == "wrong_type"
    assert "script" not in result.message


# -- points ------------------------------------------------------------------------------------------------------------

CELL = GradedCell("test_x", 4.0, manual=False, optional=False, visible="", hidden="...")


def run(records, verdict="ok", visible="ok"):
    """Return a finished run of a grade cell."""
    return CellRun(verdict, records, "ValueError: secret of the kernel" if verdict == "error" else "", visible)


def test_points_are_shared_out_by_weight():
    expected = expectations(TWO, "here")
    full = judge_cell(CELL, run([emitted("a", 1.0), emitted("b", 2.0)]), expected)
    part = judge_cell(CELL, run([emitted("a", 0.0), emitted("b", 2.0)]), expected)
    none = judge_cell(CELL, run([emitted("a", 0.0), emitted("b", 0.0)]), expected)
    assert [(c.points, c.verdict) for c in (full, part, none)] == [(4.0, "full"), (3.0, "partial"), (0.0, "wrong")]


def test_a_third_of_a_point_and_odd_maxima_add_up():
    results = judge(expectations([written(n, 1.0) for n in "abc"], "here"), [emitted(n, 1.0) for n in "abc"])
    assert earned(results, 0.125) == 0.125
    results[0].fraction = 0.0
    assert earned(results, 1) == 0.67


def test_evidence_counts_even_if_the_visible_part_failed_or_the_region_stopped_later():
    expected = expectations(TWO, "here")
    result = judge_cell(CELL, run([emitted("a", 1.0)], verdict="error", visible="error"), expected)
    assert (result.points, result.verdict) == (1.0, "partial")
    assert result.message == "the tests stopped with ValueError"
    assert "secret" in result.detail


@pytest.mark.parametrize(
    ("hidden", "told"),
    [
        ('evidence("a", answer)', False),  # what they typed: an error added to it is the expected value
        ('evidence("a", solve(rng("a").normal(size=3)))', True),
    ],
)
@pytest.mark.parametrize("how", ["close", "equal"])
def test_how_far_off_a_typed_value_is_stays_untold(hidden: str, told: bool, how: str):
    cell = GradedCell("test_x", 4.0, manual=False, optional=False, visible="", hidden=hidden)
    [result] = judge_cell(cell, run([emitted("a", 1.5)]), expectations([written("a", 1.0, how)], "here")).evidence
    assert (result.verdict, result.max_error) == ("wrong_value", 0.5 if told else None)
    expected = expectations([written("a", {"x", "y"}, how)], "here")
    [members] = judge_cell(cell, run([emitted("a", {"x", "z"})]), expected).evidence
    assert members.message.endswith("another value was expected") or told


def test_evidence_of_no_weight_alone_earns_nothing_and_is_not_full():
    [expected] = expectations([written("a", 1.0)], "here")
    expected.terms["weight"] = 0.0  # no reference run may say so, see `expectations`
    result = judge_cell(CELL, run([emitted("a", 1.0)]), [expected])
    assert (result.points, result.verdict) == (0.0, "wrong")


@pytest.mark.parametrize("word", ["timeout", "kernel_died:SIGSEGV", "memory_limit", "output_limit", "not_run"])
def test_how_the_run_ended_is_the_verdict_and_is_said_in_words(word):
    result = judge_cell(CELL, run([], verdict=word), expectations(TWO, "here"))
    assert (result.points, result.verdict) == (0.0, word)
    assert " " in result.message


def test_a_cell_without_evidence_earns_only_by_running_to_its_end():
    assert judge_cell(CELL, run([]), []).points == 4.0
    for ending in ("error", "timeout", "not_run", "kernel_died"):
        assert judge_cell(CELL, run([], verdict=ending), []).points == 0.0
        assert judge_cell(CELL, run([], visible=ending), []).points == 0.0


def test_evidence_nobody_expects_earns_nothing():
    assert judge_cell(CELL, run([emitted("a", 1.0)], verdict="error"), []).points == 0.0


def test_a_written_answer_waits_for_a_grader_and_a_blank_one_earns_nothing():
    waiting, blank = judge_written(CELL, answered=True), judge_written(CELL, answered=False)
    assert (waiting.points, waiting.verdict, waiting.manual) == (None, "manual", True)
    assert (blank.points, blank.verdict, blank.manual) == (0.0, "no_response", True)


# -- mean squared error ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shift", "passes"), [(0.0, True), (0.1, True), (0.11, False), (NAN, False), (INF, False)])
def test_predictions_pass_up_to_the_bound(shift, passes):
    target = np.array([[1.0, 2.0], [3.0, 4.0]])
    result = verdict(target * 0, target + shift, terms=mse_below(0.0101), target=target)
    assert result.fraction == passes
    assert result.message.startswith("mean squared error")


def test_predictions_of_another_shape_are_not_broadcast():
    result = verdict(1.0, 2.0, terms=mse_below(1.0), target=[2.0, 2.0])
    assert (result.verdict, result.fraction) == ("wrong_shape", 0)


# -- accuracy ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def truth(tmp_path):
    """Write ten labels and return their folder."""
    (tmp_path / "labels.txt").write_text("".join(f"{label}\n" for label in "abcdefghij"))
    return tmp_path


def accurate(truth, labels, zero_at=0.5, full_at=0.8):
    """Judge labels against the truth file."""
    want = expectations([written("v", ["?"], terms=accuracy("labels.txt", zero_at, full_at))], "here")
    return judge(want, [emitted("v", labels)], truth)[0]


@pytest.mark.parametrize(
    ("right", "fraction", "word"),
    [(0, 0, "wrong_value"), (4, 0, "wrong_value"), (5, 0, "wrong_value"), (6, 1 / 3, "partial"), (7, 2 / 3, "partial"),
     (8, 1, "passed"), (10, 1, "passed")],
)  # fmt: skip
def test_accuracy_earns_linearly_between_its_two_marks(truth, right, fraction, word):
    labels = [label if n < right else "wrong" for n, label in enumerate("abcdefghij")]
    result = accurate(truth, labels)
    assert (result.fraction, result.verdict) == (pytest.approx(fraction), word)
    assert f"{right * 10}.0%" in result.message


@pytest.mark.parametrize(
    ("labels", "word"),
    [(["a"] * 9, "wrong_shape"), (["a"] * 11, "wrong_shape"), ([], "wrong_shape"), ("abcdefghij", "wrong_type"),
     ([1.0] * 10, "wrong_type"), ([None] * 10, "wrong_type"), (None, "wrong_type")],
)  # fmt: skip
def test_labels_of_another_number_or_kind_earn_nothing(truth, labels, word):
    result = accurate(truth, labels)
    assert (result.verdict, result.fraction) == (word, 0)


def test_a_missing_truth_file_is_the_authors_to_mend(tmp_path):
    result = accurate(tmp_path, ["a"])
    assert (result.verdict, result.fraction) == (UNJUDGED, 0)
    assert "labels.txt" in result.fault
    assert "labels.txt" not in result.message


# -- what authors get wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([written("a", 1), written("a", 2)], "'a' is emitted twice"),
        ([{"name": "a", "error": "dict: no"}], "cannot be emitted"),
        ([written("a", 1, terms="guess")], "names no judge 'guess'; known: close"),
        ([written("a", 1, terms=mse_below(1.0))], "needs target"),
        ([written("a", 1, terms=mse_below(1.0), target=["text"])], "needs target"),
        ([written("a", 1, terms=mse_below(NAN), target=[1.0])], "bound=nan"),
        ([written("a", 1, weight=-1.0)], "weight=-1.0"),
        ([written("a", 1, atol=INF)], "atol=inf"),
        ([written("a", 1, terms=accuracy("t", 0.8, 0.8))], "zero_at < full_at"),
        ([written("a", 1, terms=accuracy("t", 0.7, 1.1))], "full_at <= 1"),
        ([written("a", 1, weight=0.0), written("b", 1, weight=0.0)], "weight 0"),
        ([{**written("a", 1), "value": {"array": {}}}], "cannot be read"),
    ],
)
def test_a_reference_that_no_judge_can_work_with_names_place_and_evidence(records, said):
    with pytest.raises(AuthoringError) as caught:
        expectations(records, "1_numbers.ipynb, cell test_x")
    assert said in str(caught.value)
    assert str(caught.value).startswith("1_numbers.ipynb, cell test_x: ")
