"""What does a cell's metadata say? nbgrader's and ours are read here, and as nbgrader reads its own.

Without nbgrader: judging reads them, too, and needs nothing else of it.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode


def of_nbgrader(cell: NotebookNode) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell."""
    return cell.metadata.get("nbgrader", {})


def ours(cell: NotebookNode) -> dict[str, Any]:
    """Return our own metadata of a cell."""
    return cell.metadata.get("coursegrader", {})


def grade_id(cell: NotebookNode) -> str:
    """Return nbgrader's name of a cell; empty where it has none."""
    return str(of_nbgrader(cell).get("grade_id") or "")


def worth(cell: NotebookNode) -> float:
    """Return the points that a graded cell can earn."""
    return float(of_nbgrader(cell).get("points", 0))


def is_grade(cell: NotebookNode) -> bool:
    """Tell whether a cell earns points by tests or by a person who reads the answer in it."""
    return bool(of_nbgrader(cell).get("grade"))


def is_task(cell: NotebookNode) -> bool:
    """Tell whether a cell asks a question that is answered in other cells and read by a person."""
    return bool(of_nbgrader(cell).get("task"))


def earns_points(cell: NotebookNode) -> bool:
    """Tell whether a cell earns points at all."""
    return is_grade(cell) or is_task(cell)


def is_solution(cell: NotebookNode) -> bool:
    """Tell whether students answer in a cell of nbgrader's."""
    return bool(of_nbgrader(cell).get("solution"))


def is_locked(cell: NotebookNode) -> bool:
    """Tell whether nbgrader puts the instructor's own text in a cell's place."""
    return not is_solution(cell) and (is_grade(cell) or bool(of_nbgrader(cell).get("locked")))


def answers(cell: NotebookNode) -> str | None:
    """Return the grade_id of the task that a cell is for; None for any other cell."""
    return ours(cell).get("answers")


def is_answer(cell: NotebookNode) -> bool:
    """Tell whether students are asked to write in a cell."""
    return is_solution(cell) or answers(cell) is not None


def is_extra(cell: NotebookNode) -> bool:
    """Tell whether a cell of a rebuilt notebook is one that the student added."""
    return bool(ours(cell).get("extra"))


def is_optional(cell: NotebookNode) -> bool:
    """Tell whether the points of a graded cell are a bonus."""
    return bool(ours(cell).get("optional"))


def is_all_or_nothing(cell: NotebookNode) -> bool:
    """Tell whether a graded cell earns nothing unless all its evidence is passed."""
    return bool(ours(cell).get("all_or_nothing"))
