"""What is one graded cell, and what is one answer of a bank? Plain data; no notebook is read here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GradedCell:
    """One cell that earns points.

    Attributes:
        grade_id: nbgrader's name of the cell.
        points: Points it can earn.
        manual: Whether a person grades it (a task cell or a solution cell with points).
        optional: Whether its points are a bonus.
        visible: Source that students see.
        hidden: Hidden region, or None.
        entire: The whole cell as one piece of code, where it cannot be run in two; else empty.
        all_or_nothing: Whether it earns nothing unless all its evidence is passed.
    """

    grade_id: str
    points: float
    manual: bool
    optional: bool
    visible: str
    hidden: str | None
    entire: str = ""
    all_or_nothing: bool = False


@dataclass(frozen=True)
class Answer:
    """One file of a bank.

    Attributes:
        notebook: Notebook name.
        cell: grade_id of the solution cell it answers.
        slug: File name without ``.py``.
        source: The complete source of the cell.
        text: Docstring: the hint of a mistake, the style of an alternative.
        loses: Grade cells that a mistake must lose points in.
        category: What kind of mistake it is, in a word or two.
    """

    notebook: str
    cell: str
    slug: str
    source: str
    text: str
    loses: tuple[str, ...] = ()
    category: str = ""

    def __str__(self) -> str:
        return f"{self.cell}/{self.slug}"
