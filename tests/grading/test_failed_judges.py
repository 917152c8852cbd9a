"""A judge of the course's own that fails costs the case it failed on, until it is mended; the rest is graded as ever."""

from __future__ import annotations

from collections.abc import Iterable

import nbformat
import pytest
from small_course import hand_in

from coursegrader.cli import main
from coursegrader.course.course import Assignment, Course
from coursegrader.errors import DEGRADED, FAILED, FINE
from coursegrader.grading import pipeline
from coursegrader.grading.runners import Job, Runs
from coursegrader.grading.selection import Options

JUDGE = """\
def near(value, expected, *, truth):
    if value == 7.0:
        {}
    return value == expected
"""
DOUBLE = {"double": "def double(x):\n    return x + x", "triple": "def triple(x):\n    return x + x + x"}


def write_judge(course: Course, body: str) -> None:
    """Write the course's judge."""
    (course.assignment("week").folder / "judges.py").write_text(JUDGE.format(body))


@pytest.fixture
def judged(course: Course) -> Course:
    """Return a course with a judge of its own that fails on one of two hand-ins."""
    path = course.assignment("week").folder / "1_numbers.ipynb"
    nb = nbformat.read(path, 4)
    for cell in nb.cells:
        cell.source = cell.source.replace('evidence("best value", best)', 'evidence("best value", best, judge="near")')
    nbformat.write(nb, path)
    write_judge(course, "return [][1]")
    hand_in(course, "ada", {**DOUBLE, "best": "best = 7.0"})
    hand_in(course, "bo", {**DOUBLE, "best": "best = 41.5"})
    return Course.open(course.root)


def points(outcome: pipeline.Outcome, student: str) -> dict[str, float | None]:
    """Return what a student has in the first notebook."""
    book = outcome.gradings[student].notebook("1_numbers")
    assert book is not None
    return {cell.grade_id: cell.points for cell in book.cells if not cell.manual}


def nothing(assignment: Assignment, jobs: Iterable[Job], seed: str) -> Runs:
    """Run no job; there must be none."""
    assert list(jobs) == []
    yield from ()


@pytest.mark.slow
def test_a_failing_judge_costs_its_case_only_and_is_asked_again_when_it_is_mended(judged: Course, capfd):
    assert main(["--course", str(judged.root), "autograde", "week"]) == DEGRADED
    out, err = capfd.readouterr()
    place = judged.assignment("week").folder / "judges.py"
    (line,) = [line for line in out.splitlines() if line.startswith("degraded: ")]
    assert line.startswith(f"degraded: ada: test_best could not be judged ({place}, line 3: judge 'near' failed on ")
    assert line.endswith("cell test_best, evidence 'best value' (IndexError: list index out of range); mend it)")
    assert "Traceback" not in out + err
    assert main(["--course", str(judged.root), "feedback", "week"]) == FINE
    page = (judged.root / "feedback" / "ada" / "week" / "1_numbers.html").read_text("utf-8")
    assert "the tests themselves failed here, not your answer; your instructor can see why" in page
    assert "IndexError" not in page
    assert "judges.py" not in page
    # as long as it fails, that is said each time, also to who asks for changes only; nothing is run for it
    again = pipeline.autograde(judged, "week", options=Options(only_changed=True), runner=nothing)
    assert (list(again.degraded), again.unchanged) == (["ada"], ["bo"])
    assert points(again, "ada") == {"test_double": 2.0, "test_best": 0.0, "test_triple": 4.0}
    write_judge(judged, "return 0.5")
    mended = pipeline.autograde(Course.open(judged.root), "week", runner=nothing)
    assert not mended.degraded
    assert points(mended, "ada") == {"test_double": 2.0, "test_best": 0.5, "test_triple": 4.0}
    assert points(mended, "bo") == {"test_double": 2.0, "test_best": 1.0, "test_triple": 4.0}


@pytest.mark.slow
def test_points_that_feedback_has_told_of_are_not_lost_to_a_failing_judge(judged: Course, capfd):
    write_judge(judged, "return True")
    assert main(["--course", str(judged.root), "autograde", "week"]) == FINE
    assert main(["--course", str(judged.root), "feedback", "week"]) == FINE
    write_judge(judged, "raise SystemExit")
    outcome = pipeline.autograde(Course.open(judged.root), "week")
    assert list(outcome.degraded) == ["ada"]
    assert "would lose points that feedback has told of (1_numbers, test_best: 1 -> 0)" in outcome.degraded["ada"]
    assert "test_best could not be judged" in outcome.degraded["ada"]


@pytest.mark.slow
def test_a_judge_that_fails_on_the_reference_grades_nobody_and_says_so(judged: Course, capfd):
    (judged.assignment("week").folder / "judges.py").write_text(
        "import os\n\ndef near(value, expected, *, truth):\n    os._exit(5)\n"
    )
    assert main(["--course", str(judged.root), "autograde", "week"]) == FAILED
    err = capfd.readouterr().err
    assert "judge 'near' failed on 1_numbers.ipynb, cell test_best, evidence 'best value'" in err
    assert "it ended its process (exit code 5)" in err
    assert "Traceback" not in err
