"""Who moved, and why: every reason is told apart from the others, and nothing that stayed is named."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coursegrader.judging.moves import lowered, moves, moves_table
from coursegrader.model import CellResult, EvidenceResult, Grading, NotebookResult

PARTS = {name: "1" for name in ("answer", "files", "seed", "tests", "settings", "libraries", "environment")}


def result(points: float | None = 2.0, parts=PARTS, cell=None, evidence=None, **more) -> NotebookResult:
    """Return the result of one notebook with one cell."""
    cell = {"verdict": "partial", **(cell or {})}
    found = [EvidenceResult("v", "passed", 1.0, tolerance=1e-4, relative=1e-4, **(evidence or {}))]
    return NotebookResult(
        "1_a",
        [CellResult("test_a", points, cell.pop("max_points", 4.0), evidence=found, **cell)],
        parts=dict(parts),
        **more,
    )


def moved(before: NotebookResult, now: NotebookResult):
    """Return the moves between two results."""
    return moves("ada", Grading("ada", "week", "7", notebooks=[before]), [now])


@pytest.mark.parametrize(
    ("part", "reason"),
    [("answer", "answer changed"), ("files", "files changed"), ("seed", "seed changed"), ("tests", "test changed"),
     ("settings", "limits changed"), ("libraries", "libraries changed"), ("environment", "grader changed")],
)  # fmt: skip
def test_what_was_executed_otherwise_is_the_reason(part, reason):
    (move,) = moved(result(), result(3.0, {**PARTS, part: "2"}))
    assert (move.student, move.notebook, move.grade_id, move.before, move.after) == ("ada", "1_a", "test_a", 2.0, 3.0)
    assert move.reason == reason


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (result(3.0, evidence={"weight": 2.0}), "weight changed"),
        (result(3.0, evidence={"judge": "equal"}), "judge changed"),
        (result(3.0, cell={"max_points": 6.0}), "points changed"),
        (result(3.0, source_hash="other"), "judge or truth changed"),
        (result(3.0), "ran differently"),
        (result(3.0, {**PARTS, "seed": "2", "tests": "2"}), "seed changed, test changed"),
        (result(0.0, cell={"verdict": "timeout"}), "did not run to its end this time"),
        (result(3.0, submission_hash="other"), "answer changed"),
    ],
)
def test_what_was_judged_otherwise_is_the_reason(now, reason):
    assert [move.reason for move in moved(result(), now)] == [reason]


def test_what_a_person_grades_never_moves_by_itself():
    assert moved(result(cell={"manual": True}), result(3.0, cell={"manual": True})) == []


def test_another_tolerance_and_a_run_that_ended_are_told():
    tight = result(3.0)
    tight.cells[0].evidence[0] = replace(tight.cells[0].evidence[0], tolerance=1e-2)
    assert [move.reason for move in moved(result(), tight)] == ["tolerance changed"]
    assert [m.reason for m in moved(result(0.0, cell={"verdict": "memory_limit"}), result())] == [
        "ran to its end this time"
    ]


def test_nothing_moves_without_other_points_a_grading_before_or_a_person():
    assert moved(result(), result(parts={**PARTS, "seed": "2"})) == []
    assert moves("ada", None, [result()]) == []
    assert moves("ada", Grading("ada", "week", "7"), [result()]) == []
    assert moved(result(cell={"manual": True}), result(3.0, cell={"manual": True})) == []
    assert moved(result(None), result(3.0)) == []


def test_points_lost_by_another_answer_are_not_lowered():
    down = moved(result(), result(1.0, {**PARTS, "tests": "2"}))
    assert lowered(down) == down
    assert lowered(moved(result(), result(3.0))) == []
    assert lowered(moved(result(), result(1.0, {**PARTS, "answer": "2"}))) == []


def test_the_table_has_one_line_a_move():
    assert moves_table([]) == ""
    assert moves_table(moved(result(), result(3.5))) == "moved: ada: 1_a, test_a: 2 -> 3.5 (ran differently)"
