"""What becomes of the gradebook when notebooks come to an assignment or leave it after somebody has handed in?

nbgrader refuses that. Here one that came counts as not handed in by whoever has not, and of one that left nothing stays
where it would count: scores, answers and pages are kept beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.api import Notebook as NotebookRow

from coursegrader.course.course import Assignment, Course
from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.errors import CourseError
from coursegrader.files import write_whole
from coursegrader.grading.logs.records import previous, read_training, write_logs


def refuse_others(gradebook: Gradebook, assignment: Assignment) -> None:
    """Refuse to publish what was graded while an assignment had other notebooks.

    Raises:
        CourseError: Notebooks came or left since.
    """
    came, left = _changed(gradebook, assignment)
    if came or left:
        said = [f"{what} {', '.join(names)}" for what, names in (("added:", came), ("removed:", left)) if names]
        raise CourseError(
            f"{assignment.folder} has other notebooks than when it was graded ({'; '.join(said)}); "
            f"run `coursegrader autograde {assignment.name}` first"
        )


def follow_source(course: Course, assignment: Assignment, tell: Callable[[str], None]) -> None:
    """Let the gradebook have the notebooks of an assignment that somebody has handed in; their cells are yet to come.

    Args:
        course: The course.
        assignment: The assignment.
        tell: Called with a sentence for each notebook that came or left.
    """
    with open_gradebook(course.directory) as gradebook:
        came, left = _changed(gradebook, assignment)
        for name in left:
            kept = _keep(course, assignment, gradebook.find_notebook(name, assignment.name))
            gradebook.remove_notebook(name, assignment.name)  # last: who is interrupted before does all of it again
            tell(
                f"{name} is no longer in {assignment.folder}: it is not graded and counts for nobody; what was there is "
                f"kept in {kept}/, and feedback has to be written anew"
            )
        for name in came:
            gradebook.add_notebook(name, assignment.name)
            tell(f"{name} was added after submissions: whoever has not handed it in earns nothing for it")


def _changed(gradebook: Gradebook, assignment: Assignment) -> tuple[list[str], list[str]]:
    """Return which notebooks came and which left since somebody handed in."""
    try:
        found = gradebook.find_assignment(assignment.name)
    except MissingEntry:
        return [], []
    if not found.submissions:
        return [], []
    before = {notebook.name for notebook in found.notebooks}
    return sorted(set(assignment.notebooks) - before), sorted(before - set(assignment.notebooks))


def _keep(course: Course, assignment: Assignment, notebook: NotebookRow) -> Path:
    """Move what is there of a notebook to a folder of its own, and return that."""
    base, number = course.grading / "removed" / assignment.name, 1
    while (folder := base / f"{notebook.name}-{number}").exists():
        number += 1
    students = {submission.student.id: submission for submission in notebook.submissions}
    scores = {
        student: {
            "grades": {
                grade.name: {part: getattr(grade, part) for part in ("auto_score", "manual_score", "extra_credit")}
                for grade in row.grades
            },
            "comments": {comment.name: comment.manual_comment for comment in row.comments if comment.manual_comment},
        }
        for student, row in students.items()
    }
    write_whole(folder / "scores.json", json.dumps(scores, indent=1, sort_keys=True).encode())
    for student in students:
        _forget(course, assignment, student)
        for step, ending in (("autograded", "ipynb"), ("feedback", "html")):
            path = course.step(step, student, assignment.name) / f"{notebook.name}.{ending}"
            if path.exists():
                path.rename(folder / f"{student}.{ending}")
    return folder


def _forget(course: Course, assignment: Assignment, student: str) -> None:
    """Take notebooks that left out of a student's log."""
    old, notes = previous(course, student, assignment.name)
    if old is not None:
        old.notebooks = [result for result in old.notebooks if result.name in assignment.notebooks]
        training, _ = read_training(course.step("submitted", student, assignment.name))
        write_logs(course, old, training, [], (old, notes))
