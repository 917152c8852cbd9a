"""Does what became evidence hold on the instructor's own answers? Tried on a copy of the course, in a box."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nbformat

from coursegrader.authoring.adopting.evidence import COULD, Report
from coursegrader.authoring.adopting.plan import Adopted
from coursegrader.course.course import CONFIG_FILE, Course, Notebook
from coursegrader.errors import AuthoringError
from coursegrader.files import temporary_folder
from coursegrader.grading.cache import Cache
from coursegrader.grading.marking import judge_notebook
from coursegrader.grading.reference import reference, run_source
from coursegrader.grading.running import SubmissionRun

_SEED = "adopting"


def try_evidence(course: Course, notebooks: list[Adopted], configuration: str) -> None:
    """Leave every cell as it was whose evidence the instructor's own answers do not give, twice the same.

    Args:
        course: The course as it is.
        notebooks: What would become of it; cells that do not hold are taken back.
        configuration: The new ``nbgrader_config.py``.
    """
    with temporary_folder("adopt") as folder:
        trial = _lay_out(course, notebooks, folder.resolve(), configuration)
        for book in notebooks:
            while failing := _first_failing(trial, book, folder / "runs"):
                book.keep(*failing)
                _write(book, trial.root)


def _lay_out(course: Course, notebooks: list[Adopted], root: Path, configuration: str) -> Course:
    (root / CONFIG_FILE).write_text(configuration, "utf-8")
    for name in course.assignments():
        folder = course.assignment(name).folder
        target = root / os.path.relpath(folder, course.root)
        shutil.copytree(
            folder, target, copy_function=_link, ignore=lambda _, names: [n for n in names if n[-6:] == ".ipynb"]
        )
    for book in notebooks:
        _write(book, root)
    return Course.open(root)


def _link(source: str, target: str) -> None:
    os.symlink(source, target)


def _write(book: Adopted, root: Path) -> None:
    path = root / book.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(book.with_evidence()), "utf-8")


def _first_failing(trial: Course, book: Adopted, runs: Path) -> tuple[Report, str] | None:
    """Return the first cell with new evidence that does not hold, and why; None if all do."""
    changed = {report.place.rpartition(", ")[2]: report for report in book.reports if report.kind == COULD}
    if not changed:
        return None
    notebook = _notebook(trial, book)
    try:
        known = reference(notebook, _SEED, Cache(runs / "first"))
        again = run_source(notebook, _SEED, Cache(runs / "again"))
    except AuthoringError as error:
        named = [name for name in changed if f"cell {name}:" in str(error)]
        name = named[0] if named else next(iter(changed))
        return changed[name], f"with evidence it does not hold on your own answers ({_short(error, name)})"
    result = judge_notebook(notebook, SubmissionRun("", again), known)
    for cell in result.cells:
        if cell.grade_id in changed and cell.points != cell.max_points:
            return changed[cell.grade_id], "your own answers give other values each time they are run"
    return None


def _notebook(trial: Course, book: Adopted) -> Notebook:
    folder = (trial.root / book.path).parent
    for name in trial.assignments():
        if (assignment := trial.assignment(name)).folder == folder:
            return assignment.notebooks[book.path.stem]
    raise AssertionError(f"{book.path} belongs to no assignment")


def _short(error: AuthoringError, name: str) -> str:
    return str(error).partition(f"cell {name}: ")[2].partition("; ")[0][:160] or str(error)[:160]
