"""What would adopting a course change, and what is to be said of each grade cell? Notebooks in, a plan out."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursegrader.authoring.adopting.evidence import COULD, Report, names_made, report
from coursegrader.authoring.adopting.upgrade import upgrade
from coursegrader.course.markers import AUTOTEST, REGIONS, Markers, wants_tests_written
from coursegrader.course.metadata import grade_id, is_grade, is_solution, worth
from coursegrader.errors import AuthoringError
from coursegrader.intake.static import parsed


@dataclass
class Adopted:
    """One notebook of the course.

    Attributes:
        path: Where it is, relative to the course.
        text: What the file says.
        nb: The notebook as it would be.
        changes: What was changed, in words.
        reports: One per autograded cell.
    """

    path: Path
    text: str
    nb: NotebookNode
    changes: list[str]
    reports: list[Report] = field(default_factory=list)

    def keep(self, report: Report, reason: str) -> None:
        """Leave a cell as it was, although it seemed that it could have evidence."""
        self.reports[self.reports.index(report)] = Report(
            report.place, "stays forgeable", report.points, report.assertions, reasons=(reason,)
        )

    def with_evidence(self) -> NotebookNode:
        """Return the notebook with evidence in every cell that could have some."""
        sources = {report.place.rpartition(", ")[2]: report.source for report in self.reports if report.kind == COULD}
        nb = nbformat.from_dict(self.nb)
        for cell in nb.cells:
            if (name := grade_id(cell)) in sources and is_grade(cell):
                cell.source = sources[name]
                cell.metadata.setdefault("coursegrader", {})["all_or_nothing"] = True
        return nb


def plan_notebook(
    path: Path, text: str, markers: Markers, beside: Collection[str], graded: bool = True
) -> tuple[Adopted | None, list[str]]:
    """Return what becomes of one notebook, or every reason why it cannot be adopted.

    Args:
        path: Where it is, relative to the course.
        text: The file.
        markers: The course's.
        beside: Names of Python modules that lie beside it.
        graded: Whether it belongs to an assignment; else it is a header or a footer.
    """
    place = path.as_posix()
    try:
        nb, changes = upgrade(text, place)
    except AuthoringError as error:
        return None, [str(error)]
    problems = [*_unbalanced(nb, place, markers), *_directives(nb, place), *_missing(nb, place, beside)]
    found = Adopted(path, text, nb, changes)
    if not problems and graded:
        found.reports = _reports(nb, path.stem, markers)
    return (None if problems else found), problems


def _reports(nb: NotebookNode, name: str, markers: Markers) -> list[Report]:
    made: set[str] = set()
    reports = []
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        if is_grade(cell) and not is_solution(cell):
            others = (other.source for other in nb.cells if other.cell_type == "code" and other is not cell)
            words = {word for source in others for word in re.findall(r"\w+", source)}
            reports.append(report(f"{name}, {grade_id(cell)}", cell.source, worth(cell), made, markers, words))
        tree = parsed(cell.source)
        body = tree.body if tree else []
        made |= _given_names(body) if is_solution(cell) else names_made(body, made)
    return reports


def _given_names(body: list[ast.stmt]) -> set[str]:
    """Return every name that a solution defines: a function, a class or a value, but no import."""
    names = {s.name for s in body if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    stored = (n for s in body if not isinstance(s, ast.FunctionDef) for n in ast.walk(s) if isinstance(n, ast.Name))
    return names | {node.id for node in stored if isinstance(node.ctx, ast.Store)}


# -- what stands against it -------------------------------------------------------------------------------------------


def _unbalanced(nb: NotebookNode, place: str, markers: Markers) -> list[str]:
    problems = []
    for cell in nb.cells:
        opened = ""
        for line in cell.source.split("\n"):
            word, region = markers.found(line) or ("", "")
            if word and ((word == "BEGIN") == bool(opened) or (word == "END" and region != opened)):
                where = f"{place}, {cell.id}"
                problems.append(
                    f"{where}: {line.strip()!r} has no partner; put one begin and one end around each region"
                )
                opened = ""
                break
            opened = {"BEGIN": region, "END": ""}.get(word, opened)
        if opened in REGIONS:
            end = markers[opened][1]
            problems.append(f"{place}, {cell.id}: the region {markers[opened][0]!r} has no end; put {end!r} behind it")
    return problems


def _directives(nb: NotebookNode, place: str) -> list[str]:
    return [
        f"{place}, {cell.id}: nbgrader would write its tests by running the notebook ({AUTOTEST}); write them as assertions"
        for cell in nb.cells
        if is_grade(cell) and wants_tests_written(cell)
    ]


def _missing(
    nb: NotebookNode, place: str, beside: Collection[str], there: Callable[[str], bool] | None = None
) -> list[str]:
    """Say which libraries the notebook imports at the top of a cell that are not installed here."""
    there = there or _installed
    names: set[str] = set()
    for cell in nb.cells:
        tree = parsed(cell.source) if cell.cell_type == "code" else None
        for statement in tree.body if tree else []:
            if isinstance(statement, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in statement.names}
            elif isinstance(statement, ast.ImportFrom) and not statement.level:
                names.add((statement.module or "").partition(".")[0])
    return [
        f"{place}: imports {name}, which is not installed where it is graded; pip install it (it may be called otherwise "
        "there) and adopt again"
        for name in sorted(names - set(beside) - set(sys.stdlib_module_names) - {"coursegrader"})
        if not there(name)
    ]


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
