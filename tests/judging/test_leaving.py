"""What can leave: a student's code that wants to send something over its own pages gets few bits through."""

from __future__ import annotations

import builtins
import json
import math

import numpy as np
import pytest
from msgspec.structs import replace

from coursegrader.course.cells import GradedCell
from coursegrader.evidence import encode
from coursegrader.grading.logs.log import instructor_view, student_view
from coursegrader.intake.static import flagged_files
from coursegrader.judging.judge import judge_cell
from coursegrader.judging.judges.expectations import expectations
from coursegrader.judging.report import PAGE_BITS, cell_report, for_student
from coursegrader.model import CellRun, EvidenceResult, Finding, Grading, NotebookResult

TERMS = {"judge": "close", "weight": 1.0, "atol": 1e-4, "rtol": 1e-4}
CASES, CELLS = 8, 5
WANTED = np.linspace(1.0, 2.0, 600).reshape(5, 6, 20)


def graded(values) -> NotebookResult:
    """Judge a notebook in which a student's code returns chosen values, one for each case."""
    cells = []
    for number in range(CELLS):
        names = [f"v{case}" for case in range(CASES)]
        expected = expectations([{"name": n, "value": encode(WANTED), "terms": TERMS} for n in names], "here")
        chosen = values[number * CASES : (number + 1) * CASES]
        records = [{"name": n, "value": encode(v)} for n, v in zip(names, chosen, strict=True)]
        cell = GradedCell(f"test_{number}", 4.0, False, False, "", "f(rng('x').normal(3))")
        cells.append(judge_cell(cell, CellRun("ok", records, visible="ok", seconds=1.234567), expected))
    return NotebookResult("1_a", cells, seconds=12.345678)


def pages(result: NotebookResult) -> str:
    """Return everything a student reads of a result: the log and the reports."""
    grading = Grading("ada", "week", "7", notebooks=[result])
    reports = "".join(map(cell_report, for_student(result).cells))
    return json.dumps(student_view(grading, None, b"key"), sort_keys=True) + reports


def message_in_errors(rng):
    """Send by the digits of an error and by the place of it."""
    value = WANTED.copy()
    value[tuple(rng.integers(n) for n in value.shape)] += rng.uniform(1, 9) * 10.0 ** rng.integers(-3, 200)
    return value


def message_in_shapes(rng):
    """Send by the dimensions of a wrong shape."""
    return np.zeros(rng.integers(1, 12, rng.integers(1, 5)), dtype=np.int8)


def message_in_small_errors(rng):
    """Send by the digits of errors within the tolerance."""
    return WANTED + rng.uniform(0, 1e-4)


def message_in_kinds(rng):
    """Send by what is wrong."""
    return [WANTED, "text", 1j * WANTED, None, WANTED > 0, [], WANTED[0], WANTED + 1][rng.integers(8)]


def carried(result: NotebookResult) -> float:
    """Return an upper bound of the bits that the parts of a result can carry, counted from what is there.

    Each passed or failed value is a bit; each other verdict, rounded error, index and number in a sentence what its
    alphabet holds.
    """
    bits = 0.0
    for cell in result.cells:
        bits += math.log2(8)
        for reason in cell.reasons:
            bits += math.log2(len(ERRORS) * LINES) if any(error in reason for error in ERRORS) else 0.0
        for item in cell.evidence:
            bits += 1.0
            if item.max_error is not None:
                bits += math.log2(90 * 19 + 3)
            bits += sum(math.log2(20) for _ in item.where or [])
            bits += sum(math.log2(10) for letter in item.message if letter.isdigit())
            if item.verdict not in ("passed", "wrong_value"):
                bits += math.log2(6)
    return bits


@pytest.mark.parametrize("sender", [message_in_errors, message_in_shapes, message_in_small_errors, message_in_kinds])
def test_a_page_carries_no_more_than_its_bits(sender):
    rng = np.random.default_rng(7)
    result = graded([sender(rng) for _ in range(CASES * CELLS)])
    told = for_student(result)
    assert carried(told) <= PAGE_BITS
    assert [[e.verdict == "passed" for e in c.evidence] for c in told.cells] == [
        [e.verdict == "passed" for e in c.evidence] for c in result.cells
    ]


ERRORS = sorted(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)
)
LINES = 900


def test_reasons_carry_no_more_than_the_bits_of_a_page_either():
    """Which error is raised, and in which line, is chosen by student code that may have seen hidden inputs."""
    rng = np.random.default_rng(11)
    result = graded([WANTED] * (40 * CASES))
    for cell in result.cells:
        error, line = ERRORS[rng.integers(len(ERRORS))], rng.integers(100, LINES)
        cell.reasons = [f"your cell did not run: {error}, in line {line}: `raise {error}`", "the question asks for `f`"]
    told = for_student(result)
    assert carried(result) > PAGE_BITS >= carried(told)
    assert told.cells[0].reasons == result.cells[0].reasons
    assert told.cells[-1].reasons[0].startswith("your cell did not run; ")
    assert told.cells[-1].reasons[1] == "the question asks for `f`"


def test_the_ends_of_cells_that_a_student_added_carry_few_bits():
    """Each may end in one of hundreds of ways, and there may be as many of them as there is to send."""
    rng = np.random.default_rng(5)
    ends = ["disk_limit", "memory_limit", "process_limit", "kernel_died:exit 7", "kernel_died:SIGBUS"]
    result = graded([message_in_errors(rng) for _ in range(CASES * CELLS)])
    result.findings = [Finding("cell_moved", "1_a.ipynb, f", "the cell was put back in its place")]
    result.findings += [Finding("cell_stopped", f"extra-{n}", f"ended with {rng.choice(ends)}") for n in range(900)]
    result.parts = {"written": "a digest of all that was printed"}
    told = for_student(result)
    assert told.findings[:4] == result.findings[:4]
    assert [(f.code, f.place) for f in told.findings[4:]] == [("cell_stopped", "1_a.ipynb")]
    assert carried(told) + 3 * math.log2(1000 * 256) <= PAGE_BITS
    assert "extra-3" not in pages(result)
    assert "digest" not in pages(result)
    result.findings = result.findings[:4]
    assert for_student(result).findings == result.findings


def test_the_way_in_which_tests_end_the_kernel_is_told_as_long_as_there_is_room():
    result = graded([WANTED] * (CELLS * CASES))
    for cell, end in zip(result.cells, ["exit 77", "SIGBUS", "SIGSEGV", "signal 40", "exit 0"], strict=True):
        cell.verdict, cell.evidence = f"kernel_died:{end}", []
        cell.message = f"your code ended the whole Python process ({end})"
    assert for_student(result).cells == [replace(cell, seconds=0.0) for cell in result.cells]
    for cell in for_student(result, 0).cells:
        assert (cell.verdict, cell.message) == ("kernel_died", "your code ended the whole Python process (...)")


def test_the_first_details_are_told_and_the_instructor_keeps_all_of_them():
    rng = np.random.default_rng(8)
    result = graded([message_in_errors(rng) for _ in range(CASES * CELLS)])
    exact = [item.max_error for cell in result.cells for item in cell.evidence]
    told = for_student(result)
    assert told.cells[0].evidence[0].max_error is not None
    assert told.cells[0].evidence[0].where == result.cells[0].evidence[0].where
    assert told.cells[-1].evidence[-1].max_error is None
    grading = Grading("ada", "week", "7", notebooks=[result])
    kept = instructor_view(grading, None, b"key")["grading"]["notebooks"][0]["cells"]
    assert [item["max_error"] for cell in kept for item in cell["evidence"]] == exact


def test_an_accuracy_counts_with_all_its_digits():
    wrong = EvidenceResult("v", "wrong_value", 0.0, 1.0, max_error=0.5, message="another value", judge="close")
    shares = [EvidenceResult(f"share {n}", "partial", 0.5, 1.0, max_error=0.1, judge="accuracy") for n in range(14)]

    def told_error(results):
        return (
            for_student(NotebookResult("1_a", [replace(_cell(wrong), evidence=results)]))
            .cells[0]
            .evidence[-1]
            .max_error
        )

    assert told_error([*shares[:4], wrong]) == 0.5
    assert told_error([*shares, wrong]) is None


def test_two_answers_that_differ_in_what_is_cut_off_have_the_same_pages():
    def sent(size):
        value = WANTED.copy()
        value[1, 2, 3] += size
        return pages(graded([value] * (CASES * CELLS)))

    assert sent(0.123456789) == sent(0.123987654)
    assert sent(1e200) == sent(1e250)
    assert sent(0.12) != sent(0.13)


def test_times_tell_nothing_finer_than_ten_seconds():
    assert [cell.seconds for cell in for_student(graded([WANTED] * 40)).cells] == [0.0] * CELLS


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (0.0123456, 0.012),
        (123456.0, 1.2e5),
        (1e-30, 1e-9),
        (1e300, 1e9),
        (0.0, 0.0),
        (math.inf, math.inf),
        (None, None),
    ],
)
def test_errors_have_two_digits_and_a_plausible_size(error, told):
    item = EvidenceResult("v", "wrong_value", 0.0, max_error=error, tolerance=1e-4)
    assert for_student(NotebookResult("1_a", [_cell(item)])).cells[0].evidence[0].max_error == told


def test_a_right_value_never_looks_wrong_by_rounding():
    item = EvidenceResult("v", "passed", 1.0, max_error=0.0009999, tolerance=0.0009999)
    assert for_student(NotebookResult("1_a", [_cell(item)])).cells[0].evidence[0].max_error <= 0.0009999


def _cell(item: EvidenceResult):
    cell = graded([WANTED] * 40).cells[0]
    cell.evidence = [item]
    return cell


@pytest.mark.parametrize(
    ("want", "got", "said"),
    [((3, 4), (4, 3), "(4, 3)"), ((3, 4), (12,), "(12)"), ((3, 4), (3, 4, 1), "(3, 4, 1)"), ((3, 4), (3, 5), "(3, 5)"),
     ((3, 4), (3, 777), "another one"), ((3, 4), (65, 66), "another one"), ((3,), (1,) * 7, "another one")],
)  # fmt: skip
def test_only_shapes_that_come_of_a_slip_are_told(want, got, said):
    expected = expectations([{"name": "v", "value": encode(np.zeros(want)), "terms": TERMS}], "here")
    cell = GradedCell("test_a", 4.0, False, False, "", "f(rng('x').normal(3))")
    result = judge_cell(cell, CellRun("ok", [{"name": "v", "value": encode(np.zeros(got))}], visible="ok"), expected)
    assert result.evidence[0].message.endswith(f"got {said}")


def test_side_files_that_touch_the_machinery_are_flagged_too():
    files = {
        "a.py": b"import sys\nsys._getframe(1)",
        "b.py": b"x = 1",
        "c.txt": b"_getframe",
        "d.py": b"\xff(((_getframe",
    }
    assert [(finding.code, finding.place) for finding in flagged_files(files)] == [
        ("touches_internals", "a.py"),
        ("touches_internals", "d.py"),
    ]


def test_what_side_files_cost_the_grader_is_bounded():
    """A long file is searched, not parsed; of many that are flagged, the first are told by name."""
    long = b"x\n" * 100_000 + b"import ctypes\n"
    (flag,) = flagged_files({"long.py": long, "plain.py": b"x\n" * 100_000})
    assert (flag.place, flag.detail) == ("long.py", "uses ctypes")
    many = flagged_files({f"{n:03}.py": b"import ctypes" for n in range(50)})
    assert [flag.place for flag in many] == [f"{n:03}.py" for n in range(21)]
    assert many[-1].detail == "uses ctypes; and 29 more files"
