"""How do results get into nbgrader's gradebook? One writer, nbgrader's own tables, no manual score ever touched."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from types import TracebackType

from nbgrader.api import Comment, Grade, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc

from coursegrader.course.course import Assignment, Course
from coursegrader.course.setup.gradebook import PATIENCE, connect, place_of, reason_of, refuse_damaged, went_away
from coursegrader.errors import CourseError, GradebookError
from coursegrader.files import temporary_folder
from coursegrader.grading.gradebook.converters import generate, refuse_changed_cells
from coursegrader.grading.gradebook.notebooks import follow_source
from coursegrader.model import CellResult, Grading, NotebookResult


def open_writer(course: Course, assignment: Assignment, tell: Callable[[str], None]) -> Writer:
    """Open the gradebook; on a fresh clone it is built from the source first."""
    try:
        writer = Writer(course, assignment.name, tell)
    except CourseError:
        writer = None
    if writer is not None:
        wanted = {name: set(notebook.graded) for name, notebook in assignment.notebooks.items()}
        recorded = {name: cells & wanted.get(name, set()) for name, cells in writer.notebooks.items()}
        if recorded == wanted:
            writer.set_points(
                {(n, c.grade_id): c.points for n, book in assignment.notebooks.items() for c in book.graded.values()}
            )
            return writer
        writer.__exit__(None, None, None)
        refuse_changed_cells(course, assignment)
        follow_source(course, assignment, tell)
    with temporary_folder("release") as staging:
        generate(course, assignment.name, staging, database=True)
    return Writer(course, assignment.name, tell)


class Writer:
    """Writes results of one assignment to the gradebook, one commit a student.

    Args:
        course: The course.
        assignment: The assignment.
        tell: Called with a sentence when the database has gone away, and when it is back.
        patience: Seconds for which it is waited for then.

    Raises:
        CourseError: The assignment is not in the gradebook.
        GradebookError: The database cannot be reached.
    """

    def __init__(
        self,
        course: Course,
        assignment: str,
        tell: Callable[[str], None] = lambda sentence: None,
        patience: float = PATIENCE,
    ) -> None:
        self.course = course
        self.assignment = assignment
        self.tell, self.patience = tell, patience
        self.place = place_of(course.directory)
        self.gradebook = connect(course.directory)
        self._commit = self.gradebook.db.commit
        self.gradebook.db.commit = self.gradebook.db.flush  # nbgrader commits after each row; one student is one commit
        try:
            found = self.gradebook.find_assignment(assignment)
        except MissingEntry as error:
            self.gradebook.close()
            raise CourseError(
                f"assignment {assignment!r} is not in the gradebook; run `coursegrader release {assignment}`"
            ) from error
        graded = {n.name: [*n.grade_cells, *n.task_cells] for n in found.notebooks}
        self._cells = {(name, cell.name): cell.id for name, cells in graded.items() for cell in cells}
        self._rows = {(name, cell.name): cell for name, cells in graded.items() for cell in cells}
        self.notebooks = {name: {cell.name for cell in cells} for name, cells in graded.items()}

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gradebook.db.rollback()
        self.gradebook.close()

    def set_points(self, points: dict[tuple[str, str], float]) -> None:
        """Let graded cells be worth what the instructor says today.

        Args:
            points: By notebook and cell.
        """
        for place, cell in self._rows.items():
            if place in points and cell.max_score != points[place]:
                cell.max_score = points[place]
        self._commit()

    def save(
        self,
        student: str,
        results: Iterable[NotebookResult],
        timestamp: str | None = None,
        before: Grading | None = None,
    ) -> None:
        """Save a student's results in one transaction: all of them or, if anything fails, none.

        While the database is away, this waits and tries again.

        Args:
            student: Student id.
            results: Results of the notebooks that were graded.
            timestamp: When it was handed in (UTC), if that is known.
            before: What was recorded the last time: a score a person gave to the same answer stands.

        Raises:
            GradebookError: It did not come back.
        """
        results, away_since = list(results), 0.0
        while True:
            try:
                self._save(student, results, timestamp, before)
                break
            except Exception as error:
                refuse_damaged(self.course.directory, error)
                if (gone := went_away(error)) is None:
                    raise
                if not away_since:
                    away_since = time.monotonic()
                    self.tell(f"the gradebook {self.place} does not answer ({reason_of(gone)}); waiting for it")
                if time.monotonic() - away_since > self.patience:
                    raise GradebookError(
                        f"the gradebook {self.place} did not answer for {self.patience:.0f} s ({reason_of(gone)}); what was "
                        "graded is kept: start the database again, and the same command finishes the rest"
                    ) from error
                time.sleep(1)
        if away_since:
            self.tell(f"the gradebook is back after {time.monotonic() - away_since:.0f} s; nothing was lost")

    def _save(self, student: str, results: list[NotebookResult], timestamp: str | None, before: Grading | None) -> None:
        try:
            self.gradebook.update_or_create_student(student)
            more = {"timestamp": timestamp} if timestamp else {}
            with self.gradebook.db.no_autoflush:  # nbgrader builds the rows before they belong to the session
                submission = self.gradebook.update_or_create_submission(self.assignment, student, **more)
                self._add_notebooks(submission)
            by_name = {notebook.name: notebook for notebook in submission.notebooks}
            for result in results:
                self._save_notebook(by_name[result.name], result, before.notebook(result.name) if before else None)
            self.gradebook.db.flush()
            for row, penalty in self._penalties(submission).items():
                row.late_submission_penalty = penalty
            self._commit()
        except BaseException:
            self.gradebook.db.rollback()
            raise

    def _add_notebooks(self, submission: SubmittedAssignment) -> None:
        """Give a submission the rows of notebooks that came to the assignment after it."""
        there = {row.name for row in submission.notebooks}
        for notebook in submission.assignment.notebooks if len(there) < len(self.notebooks) else ():
            if notebook.name not in there:
                row, tasks = SubmittedNotebook(notebook=notebook, assignment=submission), notebook.task_cells
                self.gradebook.db.add(row)
                self.gradebook.db.add_all(
                    Grade(cell_id=cell.id, notebook=row) for cell in [*notebook.grade_cells, *tasks]
                )
                self.gradebook.db.add_all(
                    Comment(cell_id=cell.id, notebook=row) for cell in [*notebook.solution_cells, *tasks]
                )
        self.gradebook.db.flush()

    def _save_notebook(self, row: SubmittedNotebook, result: NotebookResult, before: NotebookResult | None) -> None:
        known = {cell.grade_id: cell for cell in before.cells} if before else {}
        cells = {self._cells[result.name, cell.grade_id]: cell for cell in result.cells}
        grades = self.gradebook.db.query(Grade).filter(Grade.cell_id.in_(list(cells)), Grade.notebook_id == row.id)
        for grade in grades:
            cell = cells[grade.cell_id]
            grade.needs_manual_grade = _needs_a_person(grade, cell, known.get(cell.grade_id))
            grade.auto_score = cell.points
        comments = self.gradebook.db.query(Comment).filter(
            Comment.cell_id.in_(list(cells)), Comment.notebook_id == row.id
        )
        for comment in comments:
            comment.auto_comment = "No response." if cells[comment.cell_id].verdict == "no_response" else None
        self.gradebook.db.flush()

    def in_force(self, student: str, timestamp: str | None) -> bool:
        """Tell whether date and late penalties in the gradebook are what they would be if they were written now."""
        try:
            submission = self.gradebook.find_submission(self.assignment, student)
        except MissingEntry:
            return False
        if timestamp and submission.timestamp != parse_utc(timestamp):
            return False
        penalties = self._penalties(submission)
        return all(row.late_submission_penalty == penalty for row, penalty in penalties.items())

    def _penalties(self, submission: SubmittedAssignment) -> dict[SubmittedNotebook, float | None]:
        """Return the late penalty of every notebook, by nbgrader's plugin and as its own preprocessor asks for it."""
        rows = sorted(submission.notebooks, key=lambda row: row.name)
        for row in rows:
            self.gradebook.db.refresh(row)
        if submission.total_seconds_late <= 0:
            return dict.fromkeys(rows)
        preprocessor = AssignLatePenalties(config=self.course.config)
        preprocessor.init_plugin()

        def penalty(score: float) -> float | None:
            return preprocessor.plugin_inst.late_submission_penalty(
                submission.student.id, score, submission.total_seconds_late
            )

        if self.course.settings.late.per == "notebook":
            return {row: _within(penalty(row.score), row.score) for row in rows}
        left = penalty(sum(row.score for row in rows))
        found: dict[SubmittedNotebook, float | None] = {}
        for row in rows:  # nbgrader keeps penalties by notebook: the one penalty is spread over them
            found[row] = _within(left, row.score)
            left = None if left is None else left - (found[row] or 0.0)
        return found


def _within(penalty: float | None, score: float) -> float | None:
    """Return a penalty that is no reward and takes no more than there is."""
    return None if penalty is None else min(max(penalty, 0.0), score)


def _needs_a_person(grade: Grade, cell: CellResult, before: CellResult | None) -> bool:
    """Tell whether a person must look at a cell: nobody has graded it, or what was graded has changed since."""
    if grade.manual_score is None:
        return cell.points is None
    if not cell.manual:
        return bool(grade.needs_manual_grade) or grade.auto_score != cell.points
    same = before is not None and (before.answer, before.max_points) == (cell.answer, cell.max_points)
    return bool(grade.needs_manual_grade) or not (same and (cell.answer or cell.verdict == "no_response"))
