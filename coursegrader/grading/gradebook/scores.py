"""What does the gradebook hold of a class, a student or a notebook?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import BaseCell, Grade, Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.api import Notebook as NotebookRow

from coursegrader.course.course import Assignment, Course
from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.errors import CourseError, LogError
from coursegrader.grading.gradebook.results import Item, NotebookScores, Results, StudentResult
from coursegrader.grading.logs import log
from coursegrader.model import Grading


@dataclass(frozen=True)
class _Score:
    """What the gradebook says about one cell: points, whether a person must look, and the score before that."""

    points: float | None
    waiting: bool
    before: float | None = None


def read_results(course: Course, name: str) -> Results:
    """Read what everybody on the roster earned for an assignment.

    Raises:
        CourseError: There is no such assignment, or it is not in the gradebook.
    """
    assignment = course.assignment(name)
    with open_gradebook(course.directory) as gradebook:
        try:
            gradebook.find_assignment(name)
        except MissingEntry as error:
            raise CourseError(
                f"assignment {name!r} is not in the gradebook; run `coursegrader autograde {name}`"
            ) from error
        return results_from(gradebook, assignment)


def results_from(
    gradebook: Gradebook, assignment: Assignment, gradings: Mapping[str, Grading] | None = None, student: str = ""
) -> Results:
    """Read what everybody on the roster earned from an open gradebook.

    Args:
        gradebook: The gradebook.
        assignment: The assignment.
        gradings: Signed parts of logs that are known already, by student; only these students are then read.
        student: One student that is read alone, or empty.
    """
    graded = [cell for notebook in assignment.notebooks.values() for cell in notebook.graded.values()]
    wanted = None if gradings is None else set(gradings)
    wanted = {student} if student and wanted is None else wanted
    scores = _scores(gradebook, assignment.name, student)
    rows = [gradebook.find_student(student)] if student else gradebook.students
    submissions = {row.student_id: row for row in _submissions(gradebook, assignment.name, student)}
    students = []
    for row in rows:
        if wanted is not None and row.id not in wanted:
            continue
        entry = StudentResult(row.id, row.first_name or "", row.last_name or "", row.email or "", row.lms_user_id or "")
        if row.id in submissions:
            _add_submission(entry, submissions[row.id], assignment, (gradings or {}).get(row.id))
        entry.items = _items(entry, assignment, scores.get(row.id, {}))
        students.append(entry)
    return Results(
        assignment=assignment.name,
        max_points=sum(cell.points for cell in graded if not cell.optional),
        bonus_points=sum(cell.points for cell in graded if cell.optional),
        notebooks=list(assignment.notebooks),
        students=sorted(students, key=lambda student: student.id),
    )


def student_result(gradebook: Gradebook, assignment: Assignment, student: str, grading: Grading | None) -> Results:
    """Read what one student earned: results with this student alone."""
    return results_from(gradebook, assignment, {student: grading} if grading else None, student)


def read_some(course: Course, gradings: Mapping[str, Grading], name: str) -> Results:
    """Read what some students earned, with the logs that have just been written.

    Raises:
        CourseError: There is no such assignment.
    """
    with open_gradebook(course.directory) as gradebook:
        return results_from(gradebook, course.assignment(name), gradings)


def _submissions(gradebook: Gradebook, assignment: str, student: str) -> list[SubmittedAssignment]:
    if not student:
        return list(gradebook.assignment_submissions(assignment))
    try:
        return [gradebook.find_submission(assignment, student)]
    except MissingEntry:
        return []


def _scores(gradebook: Gradebook, assignment: str, student: str = "") -> dict[str, dict[tuple[str, str], _Score]]:
    """Return what the gradebook says about every cell, by student, notebook and cell, in one query."""
    rows = (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            NotebookRow.name,
            BaseCell.name,
            Grade.score,
            Grade.auto_score,
            Grade.manual_score,
            Grade.needs_manual_grade,
        )
        .join(AssignmentRow, SubmittedAssignment.assignment_id == AssignmentRow.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(NotebookRow, SubmittedNotebook.notebook_id == NotebookRow.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .filter(AssignmentRow.name == assignment)
    )
    if student:
        rows = rows.filter(SubmittedAssignment.student_id == student)
    found: dict[str, dict[tuple[str, str], _Score]] = {}
    for who, notebook, cell, score, auto, manual, waiting in rows:
        before = float(manual) if waiting and manual is not None else None
        found.setdefault(who, {})[notebook, cell] = _Score(_points(score, auto, manual), bool(waiting), before)
    return found


def _add_submission(
    student: StudentResult, row: SubmittedAssignment, assignment: Assignment, grading: Grading | None = None
) -> None:
    student.handed_in = True
    student.penalty = float(row.late_submission_penalty or 0.0)
    student.timestamp, student.seconds_late = row.timestamp, float(row.total_seconds_late)
    if grading is not None:
        student.grading = grading
        return
    path = assignment.course.grading / student.id / assignment.name / log.FILE_NAME
    try:
        student.grading = log.verify(log.read(path), log.signing_key(assignment.course.grading), str(path))
    except LogError as error:
        student.log_problem = str(error)


def _items(student: StudentResult, assignment: Assignment, scores: dict[tuple[str, str], _Score]) -> list[Item]:
    items = []
    rows = {notebook for notebook, _ in scores}
    for notebook in assignment.notebooks.values():
        graded = student.grading.notebook(notebook.name) if student.grading else None
        cells = {cell.grade_id: cell for cell in graded.cells} if graded else {}
        # nobody has to grade what was not handed in, or came to the assignment after it was graded
        nothing = _Score(None, True) if notebook.name in rows else _Score(0.0, False)
        for cell in notebook.graded.values():
            score = scores.get((notebook.name, cell.grade_id), nothing)
            items.append(
                Item(
                    notebook=notebook.name,
                    grade_id=cell.grade_id,
                    points=score.points,
                    max_points=cell.points,
                    optional=cell.optional,
                    manual=cell.manual,
                    waiting=score.waiting,
                    cell=cells.get(cell.grade_id),
                    before=score.before,
                )
            )
    return items


def notebook_scores(gradebook: Gradebook, assignment: str, notebook: str, student: str) -> NotebookScores:
    """Read scores and graders' comments of one notebook of one student."""
    row = gradebook.find_submission_notebook(notebook, assignment, student)
    points = {grade.name: _points(grade.score, grade.auto_score, grade.manual_score) for grade in row.grades}
    return NotebookScores(
        points=points,
        waiting={grade.name for grade in row.grades if grade.needs_manual_grade},
        comments={  # a person's; nbgrader's own only says "No response."
            comment.name: comment.manual_comment for comment in row.comments if (comment.manual_comment or "").strip()
        },
        penalty=float(row.late_submission_penalty or 0.0),
        before={
            grade.name: float(grade.manual_score)
            for grade in row.grades
            if grade.needs_manual_grade and grade.manual_score is not None
        },
    )


def _points(score: float, auto: float | None, manual: float | None) -> float | None:
    """Return the points of a cell, or None where nobody has graded it."""
    return None if auto is None and manual is None and not score else float(score)
