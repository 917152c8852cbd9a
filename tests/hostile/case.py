"""One submission and what it must end with."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from coursegrader.authoring.demo import hand_in
from coursegrader.course.course import Course
from hostile.course import AUTOGRADED, POINTS

NAME = "lab"


@dataclass(frozen=True)
class Case:
    """A submission and what it must end with.

    Attributes:
        name: What is special about it.
        extra: Source of a cell behind the set-up cell.
        end: Source of a cell at the end.
        answers: Answers that differ from the right ones, by grade_id.
        blank: Whether every other question is left as released.
        files: Side files.
        notebook: Changes the notebook before it is written.
        damage: Changes the bytes of the notebook file.
        folder: Changes the finished submission folder.
        student: Student id; by default made from the name.
        loses: Verdict of every cell that does not get its points, or the points it gets instead.
        findings: Codes that must be found in the log.
        stopped: Verdict of a cell that is not graded, if it did not end well; ``a|b`` if that depends on the machine,
            ``|a`` if it may end well.
        degraded: Part of the sentence, where the result is less than a normal grading.
        ungraded: Whether there is no result at all.
        weaker: Whether the weaker rungs are tried with it as well.
    """

    name: str
    extra: str = ""
    end: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    blank: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    notebook: Callable[[NotebookNode], None] = lambda nb: None
    damage: Callable[[bytes], bytes] = lambda raw: raw
    folder: Callable[[Path], None] = lambda folder: None
    student: str = ""
    loses: dict[str, str | float] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    stopped: str = ""
    degraded: str = ""
    ungraded: bool = False
    weaker: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def id(self) -> str:
        """The student's id."""
        return self.student or self.name.replace(" ", "-").replace("'", "")

    def expected(self) -> dict[str, float]:
        """Return the points of every autograded cell."""
        most: dict[str, float] = {name: 0.0 if self.blank else float(POINTS[name]) for name in AUTOGRADED}
        return most | {name: 0.0 if isinstance(word, str) else float(word) for name, word in self.loses.items()}

    def write(self, course: Course) -> None:
        """Hand it in."""
        folder = course.step("submitted", self.id, "week")
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_bytes(self.damage(self.handed_in(course)))
        for name, data in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        self.folder(folder)

    def handed_in(self, course: Course) -> bytes:
        """Return the notebook file, not damaged yet."""

        def answer(cell_id: str, solution: str) -> str | None:
            given = self.answers.get(cell_id, self.answers.get(cell_id.removesuffix("_answer")))
            if given is not None or self.blank:
                return given
            return "Because it is one, three times." if cell_id == "q_why_answer" else solution

        nb = hand_in(course.assignment("week").notebooks[NAME], answer)
        if self.extra:
            nb.cells.insert(2, new_code_cell(self.extra, id="extra"))
        if self.end:
            nb.cells.append(new_code_cell(self.end, id="at-the-end"))
        self.notebook(nb)
        return json.dumps(nb, indent=1).encode()
