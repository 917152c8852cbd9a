"""Does a log still say what grading the same inputs again gives?"""

from __future__ import annotations

from pathlib import Path

from coursegrader.course.course import Assignment, Course
from coursegrader.files import temporary_folder
from coursegrader.grading.cache import Cache
from coursegrader.grading.logs import log
from coursegrader.grading.marking import judge_notebook, missing
from coursegrader.grading.reference import reference
from coursegrader.grading.running import run_submission
from coursegrader.intake.submission import Submission, ingest
from coursegrader.model import NotebookResult


def replay(course: Course, path: Path) -> list[str]:
    """Grade again what an instructor's log records, from the same inputs, and return every difference in words.

    Nothing is saved and no cache is read.

    Raises:
        LogError: The log was changed after it was signed.
    """
    old = log.verify(log.read(path), log.signing_key(course.grading), str(path))
    assignment = course.assignment(old.assignment)
    submission = ingest(course.step("submitted", old.student, old.assignment), old.student, assignment)
    differences = []
    with temporary_folder("replay") as folder:
        for recorded in old.notebooks:
            if recorded.name not in assignment.notebooks:
                differences.append(f"{recorded.name}: the assignment has no such notebook any more")
                continue
            differences += _replay_notebook(assignment, submission, recorded, Cache(folder))
    return differences


def _replay_notebook(
    assignment: Assignment, submission: Submission, recorded: NotebookResult, cache: Cache
) -> list[str]:
    """Grade one recorded notebook again and return the differences."""
    name, notebook = recorded.name, assignment.notebooks[recorded.name]
    differences = []
    if notebook.digest != recorded.source_hash:
        differences.append(f"{name}: the instructor's notebook is another one than the log records")
    if name not in submission.notebooks:
        fresh = missing(notebook, submission.problems.get(name, ""))
    else:
        if submission.digests[name] != recorded.submission_hash:
            differences.append(f"{name}: the handed-in file is another one than the log records")
        seed = recorded.seed or assignment.course.seed
        graded = run_submission(notebook, submission.notebooks[name], submission.files, seed)
        fresh = judge_notebook(notebook, graded, reference(notebook, seed, cache))
    before = {cell.grade_id: cell.points for cell in recorded.cells}
    now = {cell.grade_id: cell.points for cell in fresh.cells}
    for grade_id in [*now, *(set(before) - set(now))]:
        then = before.get(grade_id, "no such cell")
        if then != now.get(grade_id, "no such cell"):
            differences.append(f"{name}, {grade_id}: {then} points then, {now.get(grade_id, 'no such cell')} now")
    return differences
