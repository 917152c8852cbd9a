"""What plain data travels between the rooms: runs, results, findings. Typed, encodable, no behaviour to speak of."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar

import msgspec
from nbformat import NotebookNode, from_dict

#: Endings that depend on the code alone; the others depend on the machine, too.
_REPEATABLE = ("ok", "error", "output_limit", "disk_limit")

#: Verdict on evidence whose judge failed: a fault of the course's, not of the student's.
UNJUDGED = "unjudged"

Points = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Rung = Annotated[int, msgspec.Meta(ge=0, le=5)]
#: What was measured; JSON has no nan and no infinity, so the log says them in words.
Measured = float | str
_T = TypeVar("_T")


class Data(msgspec.Struct, forbid_unknown_fields=True):
    """Plain data; what it was not made for is refused when it is read."""


def encoded(data: Any) -> Any:
    """Return the JSON data that stands for plain data."""
    return msgspec.to_builtins(data)


def decoded(kind: type[_T], data: Any) -> _T:
    """Build plain data from what :func:`encoded` returned.

    Raises:
        ValueError: It does not stand for data of this kind; the text says what is odd, and where.
    """
    return msgspec.convert(data, kind, dec_hook=lambda _, notebook: from_dict(notebook))


def restored(kind: type[_T], data: Any) -> _T | None:
    """Build plain data from what a cache returned; None if that is none."""
    try:
        return decoded(kind, data)
    except (ValueError, TypeError, AttributeError):  # the latter two of a notebook that is none
        return None


class CellRun(Data):
    """What came of running one grade cell's hidden region.

    Attributes:
        verdict: ``ok``, ``error``, ``timeout``, ``kernel_died:...``, ``output_limit``, ``memory_limit``,
            ``disk_limit``, ``process_limit``, ``cpu_limit``, ``protocol_error`` or ``not_run``.
        records: Evidence as emitted; not yet believed.
        error: Exception and message of the hidden region (from the student's kernel: never shown to students).
        visible: Verdict of the visible part.
        seconds: Time both parts took.
        credit: What the last part ended with, as text: the partial credit of a cell without evidence.
        complained: Whether a part wrote to standard error, which costs a cell without evidence its points.
    """

    verdict: str = "not_run"
    records: list[dict[str, Any]] = []
    error: str = ""
    visible: str = "not_run"
    seconds: float = 0.0
    credit: str = ""
    complained: bool = False


class NotebookRun(Data):
    """What came of running one notebook: plain data, so that it can be cached and sent between machines.

    Attributes:
        notebook: The executed notebook, hidden regions not in it.
        cells: Run of each autograded cell by grade_id.
        others: Verdict of every other code cell that did not end well, by cell id.
        rung: Isolation rung the kernel ran on.
        seconds: Time it took of its own: not while the machine was busy with others.
        restarts: Kernels that had to be replaced.
    """

    notebook: NotebookNode
    cells: dict[str, CellRun] = {}
    others: dict[str, str] = {}
    rung: Rung = 0
    seconds: float = 0.0
    restarts: int = 0

    @property
    def accidental(self) -> bool:
        """Whether a part ended in a way that another machine, or this one another day, may not repeat."""
        words = [word for cell in self.cells.values() for word in (cell.verdict, cell.visible)]
        return any(word not in _REPEATABLE for word in [*words, *self.others.values()])


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing the grader noticed or repaired, with its effect on the score.

    Attributes:
        code: Stable word, e.g. ``missing_cell``.
        place: File, notebook or cell the finding is about.
        detail: What was found, in words.
        effect: What it means for the score, in words.
    """

    code: str
    place: str
    detail: str
    effect: str = "no effect on the score"


class EvidenceResult(Data):
    """How one piece of evidence was judged.

    Attributes:
        name: Name given by the instructor.
        verdict: ``passed``, ``wrong_value``, ``wrong_shape``, ``wrong_type``, ``missing``, ``repeated``,
            ``malformed``, ``partial`` or ``unjudged``, where the judge failed.
        fraction: Share of the evidence's weight that was earned, 0 to 1.
        weight: Relative to the other evidence of the cell.
        max_error: Largest absolute difference, of those outside the tolerance if there are any; None without numbers.
        tolerance: Absolute tolerance (or the bound of the judge), or None.
        relative: Relative tolerance, added as a share of the expected value, or None.
        where: Index of that largest difference, or None for scalars.
        message: One sentence for the student.
        expected: Expected value at ``where`` (instructor's view only).
        got: The student's value at ``where`` (instructor's view only).
        judge: How it was judged: ``close``, ``equal``, ``mse_below``, ``accuracy`` or a judge of the course's own.
        label: What a student reads for this case, or empty: then the cases are numbered.
        place: Where that is in a value of several parts, in words, as ``column 'price', row 3``; else empty.
        fault: Why the judge failed, for the author (instructor's view only); else empty.
    """

    name: str
    verdict: str
    fraction: Share
    weight: float = 1.0
    max_error: Measured | None = None
    tolerance: Measured | None = None
    relative: Measured | None = None
    where: list[int] | None = None
    message: str = ""
    expected: str | None = None
    got: str | None = None
    judge: str = "close"
    label: str = ""
    place: str = ""
    fault: str = ""


class CellResult(Data):
    """What one graded cell earned and why.

    Attributes:
        grade_id: nbgrader's name of the cell.
        points: Points earned, or None while a written answer waits for a grader.
        max_points: Points that can be earned.
        optional: Whether the points are a bonus on top of the required maximum.
        manual: Whether a person grades the cell.
        verdict: ``full``, ``partial``, ``wrong``, ``manual``, ``no_response`` or the way the run ended
            (``timeout``, ``kernel_died:SIGSEGV``, ``output_limit`` ...).
        message: One sentence for the student; empty where the evidence says it all.
        evidence: How each piece of evidence was judged.
        mistake: Name of the known mistake that gave exactly this evidence, or None.
        category: The mistake's category, or None.
        hint: What a teacher would say to it, or None.
        seconds: Time the cell's tests took.
        reasons: What the student should read first: the answer did not run, a test they can see fails ...
        answer: Digest of a written answer, so that a grader's score can stay while the answer does; else empty.
        detail: Error text of the run (instructor's view only: it comes from the student's kernel).
        forgeable: Whether the student's own process decided, because the cell emits no evidence.
    """

    grade_id: str
    points: Points | None
    max_points: Points
    optional: bool = False
    manual: bool = False
    verdict: str = ""
    message: str = ""
    evidence: list[EvidenceResult] = []
    mistake: str | None = None
    category: str | None = None
    hint: str | None = None
    seconds: float = 0.0
    reasons: list[str] = []
    answer: str = ""
    detail: str = ""
    forgeable: bool = False


class NotebookResult(Data):
    """What the grader found out about one notebook of one student.

    Attributes:
        name: Notebook name without ``.ipynb``.
        cells: Every graded cell, in the order of the notebook.
        findings: Repairs and flags.
        rung: Isolation rung the kernel ran on.
        seconds: Time the notebook took.
        key: Content address of everything the result depends on.
        submission_hash: SHA-256 of the handed-in notebook file, or empty if there was none.
        source_hash: SHA-256 of the instructor's side.
        seed: Seed of the hidden inputs it was graded with (instructor's view only).
        degraded: Why this result is less than a normal grading, or empty.
        parts: Short hashes of what the key is made of, so that a changed result can be explained.
    """

    name: str
    cells: list[CellResult] = []
    findings: list[Finding] = []
    rung: Rung = 0
    seconds: float = 0.0
    key: str = ""
    submission_hash: str = ""
    source_hash: str = ""
    seed: str = ""
    degraded: str = ""
    parts: dict[str, str] = {}

    @property
    def points(self) -> float:
        """Points earned so far, bonus included; written answers not yet graded count 0."""
        return sum(cell.points or 0.0 for cell in self.cells)

    @property
    def max_points(self) -> float:
        """Points of the required part."""
        return sum(cell.max_points for cell in self.cells if not cell.optional)


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points that a grading changed.

    Attributes:
        student: Student id.
        notebook: Notebook name.
        grade_id: nbgrader's name of the cell.
        before: Points in the grading before.
        after: Points now.
        reason: What had changed, in words.
    """

    student: str
    notebook: str
    grade_id: str
    before: float
    after: float
    reason: str


class Grading(Data):
    """The signed part of the log: everything the grader measured for one student.

    Attributes:
        student: Student id.
        assignment: Assignment name.
        seed: Seed of the hidden inputs.
        environment: Versions of what graded.
        notebooks: Result per notebook.
        claims: What the student's own log claimed beside what was measured.
        findings: Findings about the submission as a whole.
        moved: Points that this grading changed against the one before.
    """

    student: str
    assignment: str
    seed: str = ""
    environment: dict[str, str] = {}
    notebooks: list[NotebookResult] = []
    claims: dict[str, Any] = {}
    findings: list[Finding] = []
    moved: list[Move] = []

    def notebook(self, name: str) -> NotebookResult | None:
        """Return the result of one notebook, or None if it was not graded."""
        return next((notebook for notebook in self.notebooks if notebook.name == name), None)


def canonical(data: Any) -> bytes:
    """Return the one byte string that stands for JSON data: sorted keys, no spaces, UTF-8, no nan."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
