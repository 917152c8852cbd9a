"""How do results get into nbgrader's gradebook? One writer, nbgrader's own tables, no manual score ever touched."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType

from nbgrader.api import Comment, Grade, Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from coursegrader.course import Course
from coursegrader.errors import CourseError
from coursegrader.log import NotebookResult


class Writer:
    """Writes results of one assignment to the gradebook, one commit a student."""

    def __init__(self, course: Course, assignment: str) -> None:
        """Open the gradebook.

        Raises:
            CourseError: The assignment is not in the gradebook.
        """
        self.config: Config = course.config
        self.assignment = assignment
        self.gradebook = Gradebook(course.directory.db_url, course.directory.course_id)
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
        self.notebooks = {name: {cell.name for cell in cells} for name, cells in graded.items()}

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gradebook.db.rollback()
        self.gradebook.close()

    def save(self, student: str, results: Iterable[NotebookResult], timestamp: str | None = None) -> None:
        """Save a student's results in one transaction: all of them or, if anything fails, none."""
        try:
            self.gradebook.update_or_create_student(student)
            more = {"timestamp": timestamp} if timestamp else {}
            with self.gradebook.db.no_autoflush:  # nbgrader builds the rows before they belong to the session
                submission = self.gradebook.update_or_create_submission(self.assignment, student, **more)
            by_name = {notebook.name: notebook for notebook in submission.notebooks}
            for result in results:
                self._save_notebook(by_name[result.name], result)
                self._late_penalty(submission, by_name[result.name])
            self._commit()
        except BaseException:
            self.gradebook.db.rollback()
            raise

    def _save_notebook(self, row: SubmittedNotebook, result: NotebookResult) -> None:
        cells = {self._cells[result.name, cell.grade_id]: cell for cell in result.cells}
        grades = self.gradebook.db.query(Grade).filter(Grade.cell_id.in_(list(cells)), Grade.notebook_id == row.id)
        for grade in grades:
            cell = cells[grade.cell_id]
            grade.auto_score = cell.points
            grade.needs_manual_grade = grade.manual_score is not None or cell.points is None
        comments = self.gradebook.db.query(Comment).filter(
            Comment.cell_id.in_(list(cells)), Comment.notebook_id == row.id
        )
        for comment in comments:
            comment.auto_comment = "No response." if cells[comment.cell_id].verdict == "no_response" else None
        self.gradebook.db.flush()

    def _late_penalty(self, submission: SubmittedAssignment, row: SubmittedNotebook) -> None:
        """Apply nbgrader's late penalty plugin the way its own preprocessor does."""
        row.late_submission_penalty = None
        if submission.total_seconds_late <= 0:
            return
        preprocessor = AssignLatePenalties(config=self.config)
        preprocessor.init_plugin()
        self.gradebook.db.flush()
        self.gradebook.db.refresh(row)
        penalty = preprocessor.plugin_inst.late_submission_penalty(
            submission.student.id, row.score, submission.total_seconds_late
        )
        if penalty is not None:
            row.late_submission_penalty = preprocessor._check_late_penalty(row, penalty)
