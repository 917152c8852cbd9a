"""Judges of the course's own: what they see, what they may say, and whose fault their errors are."""

from __future__ import annotations

import contextlib
import gc
import math
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from coursegrader.course.cells import GradedCell
from coursegrader.errors import AuthoringError
from coursegrader.evidence import encode
from coursegrader.judging.judge import judge, judge_cell
from coursegrader.judging.judges import apart
from coursegrader.judging.judges.apart import Court
from coursegrader.judging.judges.builtin import JUDGES
from coursegrader.judging.judges.expectations import expectations
from coursegrader.judging.judges.own import call, load
from coursegrader.judging.report import cell_report, evidence_line, for_student, told
from coursegrader.model import CellRun, EvidenceResult, Finding, Grading, NotebookResult, encoded

TABLE = """
from coursegrader.evidence import Wrong
import math

def is_a_path(value, expected, *, truth):
    if value[0] != 0:
        raise Wrong(f"a path begins in state 0, yours in state {value[0]}")
    if value[-1] == 99:
        raise Wrong(f"never told {value!r}")
    if value[-1] == 98:
        return 0.25
    if value[-1] == 97:
        return [][1]
    if value[-1] == 96:
        return None
    return value[-1] == expected[-1]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an assignment's folder with one judge."""
    (tmp_path / "truth").mkdir()
    (tmp_path / "judges.py").write_text(TABLE)
    return tmp_path


def judged(folder: Path, want, got, name: str = "is_a_path", label: str = ""):
    """Judge one value with a judge of the folder."""
    terms = {"judge": name, "weight": 2.0, "atol": 1e-4, "rtol": 1e-4, "label": label}
    records = [{"name": "path of five", "value": encode(want), "terms": terms}]
    expected = expectations(records, "1_a.ipynb, cell test_a", load(folder, JUDGES))
    return judge(expected, [{"name": "path of five", "value": encode(got)}])[0]


def write(folder: Path, body: str, head: str = "def j(value, expected, *, truth):") -> None:
    """Write a judges.py with one function."""
    (folder / "judges.py").write_text(f"{head}\n{textwrap.indent(body, '    ')}\n")


def test_a_judge_decides_by_itself_and_gives_shares(folder: Path):
    assert judged(folder, [0, 3, 4], [0, 1, 4]).verdict == "passed"
    wrong = judged(folder, [0, 3, 4], [0, 1, 5])
    assert (wrong.verdict, wrong.fraction, wrong.weight, wrong.judge) == ("wrong_value", 0.0, 2.0, "is_a_path")
    part = judged(folder, [0, 3, 4], [0, 1, 98])
    assert (part.verdict, part.fraction) == ("partial", 0.25)


def test_its_sentence_is_told_and_carries_nothing_but_small_numbers(folder: Path):
    assert judged(folder, [0, 3], [7, 3]).message == "a path begins in state 0, yours in state 7"
    assert judged(folder, [0, 3], [12345678, 3]).message == "another value was expected"
    assert judged(folder, [0, 3], [0, 99]).message == "another value was expected"


def test_a_label_takes_the_place_of_the_number(folder: Path):
    assert evidence_line(judged(folder, [0, 3], [0, 3], label="edge to q"), 4) == "ok    path (edge to q): as expected"
    assert evidence_line(judged(folder, [0, 3], [0, 3]), 4) == "ok    path (case 4): as expected"


@pytest.mark.parametrize(
    ("want", "got", "verdict"),
    [
        ([0, 1], [0, 1, 2], "wrong_shape"),
        ([0, 1], ["0", "1"], "wrong_type"),
        ([0, 1], [True, False], "wrong_type"),
        ([0, 1], [0j, 1j], "wrong_type"),
        ([0, 1], [0.0, 1.5], "wrong_value"),
        ([0, 1], [0.0, math.nan], "wrong_value"),
        ([0.0, 1.0], [0.0, math.inf], "wrong_value"),
        ([0.0, 1.0], None, "wrong_type"),
        (["a", [1.0, 2.0]], ["a", "b"], "wrong_type"),
        (["a", [1.0, 2.0]], ["a", [1.0, 2.0, 3.0]], "wrong_shape"),
        ("a", "a" * 100_000, "wrong_value"),
        (["a", 1.0], ["a" * 100_000, 1.0], "wrong_value"),
    ],
)
def test_what_is_not_of_the_references_type_and_shape_is_refused_before_the_judge_sees_it(folder, want, got, verdict):
    write(folder, "assert value is expected or repr(value) == repr(expected), 'it saw ' + repr(value)\nreturn True", "def j(value, expected, *, truth):")  # fmt: skip
    result = judged(folder, want, got, "j")
    assert (result.verdict, result.fraction) == (verdict, 0.0)
    assert result.message


@pytest.mark.parametrize(
    ("want", "got", "seen"),
    [(3, 3.0, "int 3"), (3.0, 3, "float 3.0"), (True, True, "bool True"), ("a", "b", "str b"), (None, None, "NoneType None"),
     ([1.5, 2], np.array([1, 2]), "ndarray [1. 2.]"), ([1, 2], np.array([1.0, 2.0]), "ndarray [1 2]"),
     (["a", 1], ["b", 2.0], "list ['b', 2]"), (2**60, 2**60 + 1, "int 1152921504606846977")],
)  # fmt: skip
def test_a_judge_sees_plain_values_of_the_references_kind(folder: Path, want, got, seen):
    write(
        folder,
        "(truth / 'seen').write_text(f'{type(value).__name__} {value}')\nreturn True",
    )
    judged(folder, want, got, "j")
    assert (folder / "truth" / "seen").read_text() == seen


def test_what_a_judge_does_to_its_values_reaches_nobody(folder: Path):
    write(folder, "expected[0] = 'changed'\nvalue[1][1] = 'too'\nreturn len(expected) == 2 and expected[1] == ['x', 1]")
    for _ in range(2):
        assert judged(folder, ["a", ["x", 1]], ["a", ["x", 1]], "j").fraction == 1
    write(folder, "value[0] = 5\nreturn value[0] == 5")
    with pytest.raises(AuthoringError, match="read-only"):
        judged(folder, [0, 3], [0, 3], "j")


def test_the_arrays_in_a_table_or_a_plot_cannot_be_changed_either(folder: Path):
    write(folder, "value.values.values[0] = 5\nreturn True")
    with pytest.raises(AuthoringError, match="read-only"):
        judged(folder, pd.Series([1.0, 2.0]), pd.Series([1.0, 2.0]), "j")


#: What a judge may do, and what its author reads of it.
FAILURES = {
    "return [][1]": "line 3: judge 'j' failed on 1_a.ipynb, cell test_a, evidence 'path of five' (IndexError: ",
    "raise type('Odd', (Exception,), {'__str__': lambda self: [][1]})": "whose message cannot be told: IndexError",
    "raise SystemExit('enough')": "(SystemExit: enough)",
    "raise KeyboardInterrupt": "(KeyboardInterrupt: )",
    "return j(value, expected, truth=truth)": "(RecursionError: ",
    "return bytearray(1 << 40)": "(MemoryError: ",
    "return None": "it returned 'None'; it must return True, False or a share from 0 to 1",
    "return 1.0001": "it returned '1.0001'",
    "return 2": "it returned '2'",
    "return -0.1": "it returned '-0.1'",
    "return float('nan')": "it returned 'nan'",
    "return '1'": "it returned '1'",
    "return [True]": "it returned '[True]'",
    "return type('Odd', (float,), {'__ge__': lambda self, other: [][1]})(0.5)": "(IndexError: ",
}
#: What ends the process that it runs in.
ENDS = {
    "while True: pass": "it took more than 2 s of the processor",
    "sum(range(10 ** 12))": "it took more than 2 s of the processor",
    "__import__('os')._exit(3)": "it ended its process (exit code 3)",
    "__import__('os').kill(__import__('os').getpid(), 9)": "it ended its process (SIGKILL)",
    "__import__('ctypes').string_at(0)": "it ended its process (SIGSEGV)",
    "__import__('os').closerange(3, 100)\nreturn True": "failed on 1_a.ipynb, cell test_a, evidence 'path of five'",
}


def two_cases(folder: Path, body: str) -> Callable[[int], tuple[EvidenceResult, EvidenceResult]]:
    """Return what judges two pieces of evidence, on the first of which a judge with that body is asked about 7."""
    write(folder, f"if value != 7: return value == expected\n{body}")
    terms = {"judge": "j", "weight": 1.0, "atol": 1e-4, "rtol": 1e-4}
    records = [
        {"name": name, "value": encode(value), "terms": terms} for name, value in (("path of five", 1), ("b", 2))
    ]
    expected = expectations(records, "1_a.ipynb, cell test_a", load(folder, JUDGES))

    def judged(other: int) -> tuple[EvidenceResult, EvidenceResult]:
        given = {"path of five": 7, "b": other}
        first, second = judge(expected, [{"name": name, "value": encode(value)} for name, value in given.items()])
        return first, second

    return judged


@pytest.mark.parametrize("body", [*FAILURES, *ENDS])
def test_a_judge_that_fails_costs_what_it_was_asked_about_and_tells_its_author(folder: Path, monkeypatch, body: str):
    monkeypatch.setattr(apart, "SECONDS", 2)
    judged = two_cases(folder, body)
    for value, fraction in ((2, 1.0), (3, 0.0)):  # it judges on, whatever it did before
        failed, other = judged(value)
        assert (failed.verdict, failed.fraction, other.fraction) == ("unjudged", 0.0, fraction)
        assert {**FAILURES, **ENDS}[body] in failed.fault
        assert "judges.py" in failed.fault
        assert failed.message == "the tests themselves failed here, not your answer; your instructor can see why"
        assert other.fault == ""


def test_a_judge_that_sleeps_is_not_waited_for_for_ever(folder: Path, monkeypatch):
    source = "def j(value, expected, *, truth):\n    if value: __import__('time').sleep(1e6)\n    return True"
    court = Court(folder / "judges.py", source)
    assert court.functions() == {"j": ""}
    monkeypatch.setattr(apart, "PATIENCE", 0.5)
    with pytest.raises(apart.Failed, match="it did not come to an end"):
        court.share("j", 1, 1, folder)
    monkeypatch.setattr(apart, "PATIENCE", 600)
    assert court.share("j", 0, 0, folder) == (1.0, "")


def test_a_failed_judge_is_told_to_nobody_but_the_author(folder: Path):
    write(folder, "if value == expected: return True\nraise ValueError('expected the secret')")
    terms = {"judge": "j", "weight": 1.0, "atol": 1e-4, "rtol": 1e-4}
    expected = expectations([{"name": "v", "value": encode(1), "terms": terms}], "here", load(folder, JUDGES))
    run = CellRun("ok", [{"name": "v", "value": encode(7)}], visible="ok")
    cell = judge_cell(GradedCell("test_a", 2.0, False, False, "", "..."), run, expected)
    flag = Finding("judge_failed", "1_a.ipynb, test_a", cell.evidence[0].fault)
    grading = Grading("ada", "week", notebooks=[NotebookResult("1_a", [cell], [flag])])
    assert "expected the secret" in str(encoded(grading))
    page = told(grading)
    assert "secret" not in str(encoded(page))
    assert page.notebooks[0].cells[0].evidence[0].verdict == "unjudged"
    assert cell_report(page.notebooks[0].cells[0]) == (
        "test_a: 0 of 2 points\n"
        "  WRONG v (case 1): the tests themselves failed here, not your answer; your instructor can see why\n"
    )
    empty = for_student(NotebookResult("1_a", [cell] * 100), bits=0.0)  # also where nothing more may be told
    assert {item.evidence[0].message for item in empty.cells} == {cell.evidence[0].message}


@pytest.mark.parametrize("body", ["return 2", "while True: pass", "raise SystemExit", "return [][1]"])
def test_a_judge_that_fails_on_the_reference_is_refused_before_anybody_is_judged(folder: Path, monkeypatch, body: str):
    monkeypatch.setattr(apart, "SECONDS", 2)
    write(folder, body)
    with pytest.raises(AuthoringError, match=r"failed on 1_a\.ipynb, cell test_a"):
        judged(folder, 1.0, 1.0, "j")


@pytest.mark.parametrize(
    ("text", "said"),
    [("while True: pass", "it took more than 2 s of the processor"), ("raise SystemExit(2)", "line 1: SystemExit: 2"),
     ("import os\nos._exit(4)", "it ended its process (exit code 4)")],
)  # fmt: skip
def test_a_file_that_hangs_or_exits_is_refused(folder: Path, monkeypatch, text: str, said: str):
    monkeypatch.setattr(apart, "SECONDS", 2)
    (folder / "judges.py").write_text(text)
    with pytest.raises(AuthoringError, match=re.escape(said)):
        load(folder, JUDGES)


def test_judges_that_were_called_are_ready_when_they_are_asked_and_are_not_called_twice(folder: Path):
    call(folder)
    call(folder)
    court = load(folder, JUDGES)["is_a_path"].court
    process = court._process
    assert court.share("is_a_path", [0, 1], [0, 1], folder) == (1.0, "")
    call(folder)
    load(folder, JUDGES)
    assert court._process is process  # one process through it all


@pytest.mark.parametrize("first", ["share", "functions"])
def test_judges_that_were_only_called_answer_whatever_they_are_asked_first(folder: Path, first: str):
    court = Court(folder / "judges.py", TABLE)
    court.begin()
    process = court._process
    if first == "functions":
        assert court.functions() == {"is_a_path": ""}
    assert court.share("is_a_path", [0, 2], [0, 1], folder) == (0.0, "")
    assert court._process is process


def test_what_is_wrong_with_judges_that_were_called_is_told_when_they_are_asked_and_may_be_mended(folder: Path):
    path = folder / "judges.py"
    for text, said in (
        ("1 / 0", "line 1: ZeroDivisionError"),
        ("import os; os._exit(3)", "exit code 3"),
        (b"\xff", "utf-8"),
    ):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        call(folder)
        for _ in range(2):
            with pytest.raises(AuthoringError, match=said):
                load(folder, JUDGES)
    path.write_text(TABLE)
    call(folder)
    assert list(load(folder, JUDGES)) == ["is_a_path"]
    path.unlink()
    call(folder)
    assert load(folder, JUDGES) == {}


def test_what_judges_has_ended_when_nobody_needs_it(folder: Path):
    court = Court(folder / "judges.py", TABLE)
    assert court.functions() == {"is_a_path": ""}
    process = psutil.Process(court._process.pid)
    del court
    gc.collect()
    assert not process.is_running()


def test_what_judges_ends_with_the_grader(folder: Path):
    source = "def j(value, expected, *, truth):\n    while True: pass"
    code = (
        "import os, sys, threading; from pathlib import Path; from coursegrader.judging.judges.apart import Court\n"
        f"court = Court(Path('judges.py'), {source!r}, 60); court.functions(); print(court._process.pid, flush=True)\n"
        "threading.Timer(0.5, os._exit, [0]).start(); court.share('j', 1, 1, Path())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int(done.stdout)).wait(60)
    assert not psutil.pid_exists(int(done.stdout))


def test_a_judge_that_the_reference_fails_is_refused_before_anybody_is_judged(folder: Path):
    write(folder, "return value > expected")
    with pytest.raises(AuthoringError, match="does not earn everything"):
        judged(folder, 1.0, 2.0, "j")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def j(:", "line 1: SyntaxError"),
        ("import math\n\nx = 1 / 0", "line 3: ZeroDivisionError"),
        ("def close(value, expected, *, truth): ...", "'close' is the name"),
        ("def j(value, expected): ...", "must be `def j(value, expected, *, truth)`"),
        ("def j(value, *, truth): ...", "must be"),
    ],
)
def test_a_file_that_can_be_no_judge_is_refused_with_its_place(folder: Path, text: str, said: str):
    (folder / "judges.py").write_text(text)
    with pytest.raises(AuthoringError) as caught:
        load(folder, JUDGES)
    assert str(folder / "judges.py") in str(caught.value)
    assert said in str(caught.value)


def test_helpers_and_imports_are_no_judges(folder: Path):
    (folder / "judges.py").write_text("from textwrap import dedent\ndef _help(): ...\nLIMIT = 3\n" + TABLE)
    assert list(load(folder, JUDGES)) == ["is_a_path"]


def test_an_unknown_judge_is_named_with_those_that_there_are(folder: Path):
    with pytest.raises(AuthoringError, match="no judge 'is_path'; known: close, equal, mse_below, accuracy, is_a_path"):
        judged(folder, 1, 1, "is_path")


def test_without_the_file_there_are_none(tmp_path: Path):
    assert load(tmp_path, JUDGES) == {}


def test_the_file_is_never_released(assignment):
    (assignment.folder / "judges.py").write_text(TABLE)
    assert "judges.py" not in {path.as_posix() for path in assignment.side_files()}


def test_the_judge_that_the_documentation_writes_does_what_it_says(folder: Path):
    page = (Path(__file__).parents[2] / "docs/authoring.md").read_text("utf-8")
    (folder / "judges.py").write_text(page.partition('title="judges.py"\n')[2].partition("```")[0])
    assert judged(folder, [1, 2, 3], [1, 2, 3], "is_sorted").fraction == 1
    assert judged(folder, [1, 2, 3], [1, 3, 2], "is_sorted").fraction == 0.5
    assert judged(folder, [1, 2, 3], [1, 2, 4], "is_sorted").message.startswith("there are other numbers")
