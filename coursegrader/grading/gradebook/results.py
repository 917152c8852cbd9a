"""What did each student earn, all told? The one model that every export, the class report and the CI summary read.

Scores come from the gradebook (manual scores, extra credit and late penalties count), the words beside them from the
signed logs. Bonus points count on top of the required maximum.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from coursegrader.model import CellResult, Grading


@dataclass(frozen=True)
class Item:
    """What a student earned for one graded cell.

    Attributes:
        notebook: Notebook name.
        grade_id: nbgrader's name of the cell.
        points: Points earned, extra credit included; None where nobody has graded the cell yet.
        max_points: Points that can be earned.
        optional: Whether the points are a bonus.
        manual: Whether a person grades the cell.
        waiting: Whether a person still has to look at it.
        cell: What the log says about the cell, or None.
        before: Score a person gave before the answer changed; it counts until somebody has looked at it again.
    """

    notebook: str
    grade_id: str
    points: float | None
    max_points: float
    optional: bool = False
    manual: bool = False
    waiting: bool = False
    cell: CellResult | None = None
    before: float | None = None

    @property
    def name(self) -> str:
        """Name that is unique in the assignment."""
        return f"{self.notebook}/{self.grade_id}"


@dataclass
class StudentResult:
    """What one student earned for an assignment.

    Attributes:
        id: Student id.
        first_name: First name, or empty.
        last_name: Last name, or empty.
        email: Address, or empty.
        lms_id: Id in the learning platform, or empty.
        handed_in: Whether there is a submission in the gradebook.
        items: Every graded cell, in the order of the course.
        penalty: Points taken off for being late.
        timestamp: When it was handed in (UTC), or None.
        seconds_late: How late that was.
        grading: The signed log, or None.
        log_problem: Why there is no log although there is a submission, in words.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""
    handed_in: bool = False
    items: list[Item] = field(default_factory=list)
    penalty: float = 0.0
    timestamp: datetime | None = None
    seconds_late: float = 0.0
    grading: Grading | None = None
    log_problem: str = ""

    @property
    def name(self) -> str:
        """Full name, or the id where no name is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.id

    @property
    def raw(self) -> float:
        """Points earned, bonus included, before the late penalty."""
        return sum(item.points or 0.0 for item in self.items)

    @property
    def bonus(self) -> float:
        """Bonus points earned."""
        return sum(item.points or 0.0 for item in self.items if item.optional)

    @property
    def total(self) -> float:
        """Points that count: everything earned less the late penalty, never below 0."""
        return max(0.0, self.raw - self.penalty)

    @property
    def waiting(self) -> int:
        """Number of cells a person still has to look at."""
        return sum(item.waiting for item in self.items)

    @property
    def degraded(self) -> list[str]:
        """Why notebooks could not be graded as they should, in words."""
        return [f"{n.name}: {n.degraded}" for n in self.grading.notebooks if n.degraded] if self.grading else []

    @property
    def rescaled(self) -> list[str]:
        """Names of the questions that had other points when they were graded than they have now."""
        return [item.name for item in self.items if item.cell is not None and item.cell.max_points != item.max_points]

    def notebook_points(self, notebook: str) -> float:
        """Points earned in one notebook, before the late penalty."""
        return sum(item.points or 0.0 for item in self.items if item.notebook == notebook)


@dataclass
class Results:
    """What a class earned for an assignment.

    Attributes:
        assignment: Assignment name.
        max_points: Points of the required part.
        bonus_points: Points of the optional part.
        notebooks: Notebook names, in the order of the course.
        students: Everybody on the roster, by id.
    """

    assignment: str
    max_points: float
    bonus_points: float
    notebooks: list[str]
    students: list[StudentResult]

    def notebook_max(self, notebook: str) -> float:
        """Points of the required part of one notebook."""
        items = self.students[0].items if self.students else []
        return sum(item.max_points for item in items if item.notebook == notebook and not item.optional)

    @property
    def waiting(self) -> int:
        """Number of cells that a person still has to look at, in the whole class."""
        return sum(student.waiting for student in self.students)


@dataclass
class NotebookScores:
    """What the gradebook says about one notebook of one student.

    Attributes:
        points: Points by cell; None where nobody has graded it.
        waiting: Cells a person still has to look at.
        comments: Comments by cell.
        penalty: Points taken off for being late.
        before: Score a person gave before the answer changed, by cell; only of cells that wait again.
    """

    points: dict[str, float | None]
    waiting: set[str]
    comments: dict[str, str]
    penalty: float
    before: dict[str, float] = field(default_factory=dict)
