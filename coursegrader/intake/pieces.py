"""What is believed of a handed-in cell, and which cell of the release does it claim to be?"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from nbformat import NotebookNode

from coursegrader.course.metadata import answers, is_solution
from coursegrader.intake.reading.cells import Cell, grade_id_of, source_of
from coursegrader.intake.static import defined_names


@dataclass(eq=False)
class Piece:
    """What is believed of a handed-in cell: its text, whether it is code, and what it claims to be."""

    text: str
    code: bool
    grade_id: str | None = None
    cell_id: str | None = None
    question: str | None = None

    @classmethod
    def of(cls, cell: Cell) -> Piece:
        """Read a cell of any shape."""
        cell_id, metadata = cell.get("id"), cell.get("metadata")
        space = metadata.get("coursegrader") if isinstance(metadata, dict) else None
        question = space.get("answers") if isinstance(space, dict) else None
        return cls(
            source_of(cell),
            cell.get("cell_type") == "code",
            grade_id_of(cell),
            cell_id if isinstance(cell_id, str) else None,
            question if isinstance(question, str) else None,
        )

    @cached_property
    def names(self) -> set[str]:
        """The names it defines."""
        return defined_names(self.text) if self.code else set()

    def defines(self, wanted: set[str]) -> bool:
        """Tell whether it defines all these names; only a cell that mentions them is parsed."""
        return all(name in self.text for name in wanted) and wanted <= self.names


@dataclass
class Slot:
    """A cell of the release with the handed-in cells that claim to be it."""

    cell: NotebookNode
    claims: list[Piece] = field(default_factory=list)

    @property
    def question(self) -> str | None:
        """The written question that the cell answers."""
        return answers(self.cell)

    @property
    def code(self) -> bool:
        """Whether it is a code cell."""
        return bool(self.cell.cell_type == "code")

    @property
    def answer(self) -> bool:
        """Whether the student is asked to write here."""
        return bool(is_solution(self.cell) or self.question)

    @property
    def editable(self) -> bool:
        """Whether the student's text is taken at all."""
        return self.answer or (self.code and "nbgrader" not in self.cell.metadata)

    @property
    def edited(self) -> list[Piece]:
        """The claims in which something was written."""
        return [piece for piece in self.claims if squeeze(piece.text) not in ("", squeeze(self.cell.source))]


def squeeze(text: str) -> str:
    """Return a text without what editors change on their own."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def longest_rise(numbers: list[int | None]) -> set[int]:
    """Return the positions of a longest subsequence that never falls: all others were moved."""
    ends: list[tuple[int, int]] = []  # (number, position) that the best rise of each length ends with
    before: dict[int, int | None] = {}
    for position, number in enumerate(numbers):
        if number is not None:
            length = bisect_right(ends, (number, len(numbers)))
            before[position] = ends[length - 1][1] if length else None
            ends[length : length + 1] = [(number, position)]
    found: set[int] = set()
    last = ends[-1][1] if ends else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found
