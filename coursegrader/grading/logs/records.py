"""What did the logs of a student say before, what does a student claim, and what is written now?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coursegrader.course.course import Course
from coursegrader.errors import IngestError, LogError
from coursegrader.grading.cache import environment
from coursegrader.grading.logs import log
from coursegrader.intake.reading.regular import read_regular
from coursegrader.judging.moves import lowered
from coursegrader.model import Finding, Grading, Move, NotebookResult


def log_paths(course: Course, student: str, assignment: str) -> tuple[Path, Path]:
    """Return where the student's and the instructor's view of the log are kept."""
    return (
        course.step("autograded", student, assignment) / log.FILE_NAME,
        course.grading / student / assignment / log.FILE_NAME,
    )


def previous(course: Course, student: str, assignment: str) -> tuple[Grading | None, list[Finding]]:
    """Return the grading recorded before, or None, with a finding if there is one that cannot be trusted."""
    path = log_paths(course, student, assignment)[1]
    if not path.exists():
        return None, []
    try:
        return log.verify(log.read(path), log.signing_key(course.grading), str(path)), []
    except LogError as error:
        return None, [Finding("unusable_log", str(path.relative_to(course.root)), str(error), "it was written anew")]


def taken_back(course: Course, student: str, assignment: str, moved: list[Move]) -> list[Move]:
    """Return the moves that take away points which a feedback page has told of, from an answer that is still the same.

    The pages lie beside the log they were written from; without one, they told of what was in force before.
    """
    pages = course.step("feedback", student, assignment)
    try:
        told = log.verify(log.read(pages / log.FILE_NAME), log.signing_key(course.grading))
    except LogError:
        told = Grading(student, assignment)
    points = {(notebook.name, cell.grade_id): cell.points for notebook in told.notebooks for cell in notebook.cells}
    return [
        move
        for move in lowered(moved)
        if (pages / f"{move.notebook}.html").exists()
        and (points.get((move.notebook, move.grade_id), move.before) or 0.0) > move.after
    ]


def write_logs(
    course: Course,
    grading: Grading,
    training: dict[str, Any] | None,
    results: list[NotebookResult],
    before: tuple[Grading | None, list[Finding]] | None = None,
) -> Grading:
    """Merge new results into the student's log and write both views, signed.

    Args:
        course: The course.
        grading: Who and what: student, assignment, seed, findings; its notebooks are replaced.
        training: What the student's own log claims, or None.
        results: Results of the notebooks graded now; those graded before are kept.
        before: What :func:`previous` has said already, or None.
    """
    old, notes = before or previous(course, grading.student, grading.assignment)
    grading.findings = [*grading.findings, *notes]
    fresh = {result.name: result for result in results}
    kept = [notebook for notebook in (old.notebooks if old else []) if notebook.name not in fresh]
    grading.notebooks = sorted([*kept, *results], key=lambda notebook: notebook.name)
    grading.environment = grading.environment or environment()
    grading.claims = compare_claims(grading, training)
    key = log.signing_key(course.grading)
    student, instructor = log_paths(course, grading.student, grading.assignment)
    log.write(log.instructor_view(grading, training, key), instructor)
    log.write(log.student_view(grading, training, key), student)
    return grading


def compare_claims(grading: Grading, training: dict[str, Any] | None) -> dict[str, Any]:
    """Put the claimed accuracy beside the measured one; the claim never earns anything."""
    claimed = (training or {}).get("claimed_accuracy")
    found: dict[str, Any] = {}
    for notebook in grading.notebooks:
        for cell in notebook.cells:
            for evidence in cell.evidence:
                if evidence.judge == "accuracy" and isinstance(evidence.max_error, float):
                    found["measured_accuracy"] = round(1 - evidence.max_error, 4)
    if isinstance(claimed, (int, float)) and not isinstance(claimed, bool):
        found["claimed_accuracy"] = float(claimed)
        if "measured_accuracy" in found:
            found["difference"] = round(found["claimed_accuracy"] - found["measured_accuracy"], 4)
    return found


def read_training(folder: Path) -> tuple[dict[str, Any] | None, list[Finding]]:
    """Read what the log in a submission folder claims; a useless log is a finding and costs nothing else."""
    path = folder / log.FILE_NAME
    if not path.is_symlink() and not path.exists():
        return None, []
    try:
        training, problem = log.read_claim(read_regular(path, log.MAX_CLAIM_BYTES))
    except IngestError as error:
        training, problem = None, str(error)
    return training, [Finding("unusable_log", log.FILE_NAME, problem)] if problem else []
