"""Judges of the course's own: what they see, what they may say, and whose fault their errors are."""

from __future__ import annotations

import math
import textwrap
from pathlib import Path

import numpy as np
import pytest

from coursegrader.errors import AuthoringError
from coursegrader.evidence import encode
from coursegrader.judging.judge import judge
from coursegrader.judging.judges.builtin import JUDGES
from coursegrader.judging.judges.expectations import expectations
from coursegrader.judging.judges.own import load
from coursegrader.judging.report import evidence_line

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
    write(folder, "value[0] = 5\nreturn True")
    with pytest.raises(AuthoringError, match="read-only"):
        judged(folder, [0, 3], [0, 3], "j")


@pytest.mark.parametrize(
    ("last", "said"),
    [(97, "line 13: judge 'is_a_path' failed on 1_a.ipynb, cell test_a, evidence 'path of five' (IndexError"),
     (96, "returned 'None'")],
)  # fmt: skip
def test_its_own_errors_are_the_authors_with_place_and_cause(folder: Path, last: int, said: str):
    with pytest.raises(AuthoringError) as caught:
        judged(folder, [0, 3], [0, last])
    assert said in str(caught.value)
    assert "judges.py" in str(caught.value)


@pytest.mark.parametrize("share", ["1.0001", "-0.1", "float('nan')", "'1'", "2", "[True]"])
def test_a_share_is_a_number_from_0_to_1(folder: Path, share: str):
    write(folder, f"return {share}")
    with pytest.raises(AuthoringError, match="share from 0 to 1"):
        judged(folder, 1.0, 1.0, "j")


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
