"""Is an instructor's notebook whole, and is each of its cells marked so that nbgrader and we can read it?

nbgrader looks, too, but late, and names no cell; what it does not look at ends somewhere within a grading.
"""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.nbgraderformat import SCHEMA_VERSION
from nbgrader.preprocessors import NbGraderPreprocessor

from coursegrader.course import metadata
from coursegrader.course.markers import AUTOTEST, wants_tests_written
from coursegrader.errors import AuthoringError

MOST = 5  # problems that are told at once
_KINDS = ("code", "markdown", "raw")
_FLAGS = {"grade": "graded", "solution": "a solution", "locked": "read-only", "task": "a task"}
_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_SIDEBAR = "in nbgrader's sidebar"


def read_source(path: Path, raw: bytes, around: Mapping[str, Path]) -> NotebookNode:
    """Read an instructor's notebook and put nbgrader's header and footer around its cells, as nbgrader does.

    Args:
        path: The notebook's file.
        raw: What is in it.
        around: The notebooks that are put around it, by their part: ``header`` and ``footer``.

    Raises:
        AuthoringError: One of them cannot be read, or a cell is not what nbgrader and we can work with.
    """
    notebook = _read(path, raw)
    for part, other in around.items():
        try:
            cells = _read(other, other.read_bytes()).cells
        except OSError as error:
            raise AuthoringError(
                f"{path}: its {part} cannot be read ({error}); put it there, or mend c.IncludeHeaderFooter.{part}"
            ) from error
        notebook.cells = [*cells, *notebook.cells] if part == "header" else [*notebook.cells, *cells]
    whole = list(enumerate(notebook.cells, 1))
    place = f"{path}, with its {' and '.join(around)}" if around else str(path)
    for problems in (_shared(whole), _unwritten(whole), _unasked(whole)):
        _refuse(place, problems)
    return notebook


def preprocessed(
    notebook: NotebookNode, steps: Sequence[NbGraderPreprocessor], resources: Mapping[str, Any], place: str
) -> NotebookNode:
    """Return what nbgrader's preprocessors, one after another, make of a notebook.

    Raises:
        AuthoringError: One cannot work with it; with the first cell that it stumbles over, which nbgrader does not name.
    """
    try:
        return _through(steps, notebook, resources)
    except AuthoringError as error:
        odd = []
        for number, cell in enumerate(notebook.cells, 1):
            try:
                _through(steps, new_notebook(cells=[cell], metadata=notebook.metadata), resources)
            except AuthoringError:  # what is said of the whole notebook is told
                odd.append(_called(number, cell))
        where = f"{place}, {odd[0]}" if 0 < len(odd) < len(notebook.cells) else place
        raise AuthoringError(f"{where}: {error}") from error


def _through(
    steps: Sequence[NbGraderPreprocessor], notebook: NotebookNode, resources: Mapping[str, Any]
) -> NotebookNode:
    made, kept = copy.deepcopy(notebook), dict(resources)
    for step in steps:
        try:
            made, kept = step.preprocess(made, kept)
        except Exception as error:  # nbgrader raises RuntimeError for what an instructor wrote
            said = f"nbgrader's {type(step).__name__} says: {str(error).rstrip('.')}"
            raise AuthoringError(f"{said}; mend the source") from error
    return made


def _read(path: Path, raw: bytes) -> NotebookNode:
    try:
        text = raw.decode("utf-8")
        data = json.loads(text)
        if data.get("nbformat") == 4:
            if isinstance(data.get("cells"), list):
                _refuse(str(path), _shapeless(list(enumerate(data["cells"], 1))))
            notebook = nbformat.v4.reads(text)  # as it stands: nbformat itself would give other ids, by chance
        else:
            notebook = nbformat.reads(text, as_version=4)
    except AuthoringError:
        raise
    except Exception as error:  # nbformat raises many kinds; each means: not a notebook
        raise AuthoringError(f"{path}: not a readable notebook ({error}); restore it from version control") from error
    cells = list(enumerate(notebook.cells, 1))
    for problems in (_nameless(cells), _outdated(path, cells), _mismarked(cells)):
        _refuse(str(path), problems)
    return notebook


def _refuse(place: str, problems: Iterable[str]) -> None:
    """Raise if there is any problem, with the first of them in the text.

    Raises:
        AuthoringError: There is one.
    """
    found = [f"{place}, {problem}" for problem in problems]
    if len(found) > MOST:
        found[MOST:] = [f"and {len(found) - MOST} more"]
    if found:
        raise AuthoringError("\n  ".join(found))


def _called(number: int, cell: Mapping[str, Any]) -> str:
    """Return what an instructor finds a cell by: its place, and its name or how it begins."""
    meta = cell.get("metadata")
    marks = meta.get("nbgrader") if isinstance(meta, dict) else None
    names = [marks.get("grade_id") if isinstance(marks, dict) else None, cell.get("id"), cell.get("source")]
    name = next((name for name in names if isinstance(name, str) and name.strip()), "")
    return f"cell {number} ({name.strip().splitlines()[0][:40]})" if name else f"cell {number}"


Cells = list[tuple[int, NotebookNode]]


def _shapeless(cells: Cells) -> Iterator[str]:
    """Yield which cells are no cells."""
    for number, cell in cells:
        if not isinstance(cell, dict):
            yield f"cell {number}: is {_shown(cell)} and no cell; take it out"
            continue
        source = cell.get("source")
        text = isinstance(source, str) or (isinstance(source, list) and all(isinstance(line, str) for line in source))
        if not text or not isinstance(cell.get("metadata"), dict) or cell.get("cell_type") not in _KINDS:
            yield (
                f"{_called(number, cell)}: its metadata, its source or its type is missing or none; "
                "mend it, or restore the notebook from version control"
            )


def _nameless(cells: Cells) -> Iterator[str]:
    lacking = [(number, cell) for number, cell in cells if not isinstance(cell.get("id"), str)]
    if lacking:
        yield (
            f"{_called(*lacking[0])}: {len(lacking)} of {len(cells)} cells lack ids; "
            "save it in notebook format 4.5 or later"
        )


def _shared(cells: Cells) -> Iterator[str]:
    """Yield which cells have the same id or grade_id."""
    for key, of, remedy in (
        ("id", lambda cell: cell.id, "give one of them another id, or copy it anew in Jupyter"),
        ("grade_id", _grade_id, f"give one of them another {_SIDEBAR}"),
    ):
        first: dict[Hashable, tuple[int, NotebookNode]] = {}
        for number, cell in cells:
            name = of(cell)
            if name and name in first:
                yield f"{_called(*first[name])} and cell {number}: share the {key} {name!r}; {remedy}"
            first.setdefault(name, (number, cell))


def _grade_id(cell: NotebookNode) -> str:
    """Return the name under which nbgrader keeps a cell; empty for one that it does not keep."""
    marks = metadata.of_nbgrader(cell)
    return metadata.grade_id(cell) if any(marks.get(flag) for flag in _FLAGS) else ""


def _outdated(path: Path, cells: Cells) -> Iterator[str]:
    """Yield one sentence if cells were marked by another nbgrader."""
    for number, cell in cells:
        marks = cell.metadata.get("nbgrader")
        version = marks.get("schema_version", 0) if isinstance(marks, dict) else None
        if not _is_number(version) or version == SCHEMA_VERSION:
            continue
        what = f"{_called(number, cell)}: nbgrader's metadata is of schema {version}, and this nbgrader reads"
        if version < SCHEMA_VERSION:
            yield f"{what} {SCHEMA_VERSION}; run `nbgrader update {path}`"
        else:
            yield f"{what} {SCHEMA_VERSION} at most; install a newer nbgrader, or mark the cell anew {_SIDEBAR}"
        return  # one command mends all


def _mismarked(cells: Cells) -> Iterator[str]:
    """Yield what is wrong with nbgrader's metadata and ours, by cell."""
    for number, cell in cells:
        for space, look in (("nbgrader", _marks), ("coursegrader", _own_marks)):
            if space not in cell.metadata:
                continue
            if not isinstance(cell.metadata[space], dict):
                problem = (
                    f"its {space} metadata is {_shown(cell.metadata[space])}, and has to be a table of names and values"
                )
                yield f"{_called(number, cell)}: {problem}; take it out, or mark the cell anew"
            else:
                yield from (f"{_called(number, cell)}: {problem}" for problem in look(cell))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _marks(cell: NotebookNode) -> Iterator[str]:
    """Yield what is wrong with nbgrader's metadata of one cell."""
    marks = metadata.of_nbgrader(cell)
    if not _is_number(marks.get("schema_version", 0)):
        yield f"its schema_version is {_shown(marks['schema_version'])}; it has to be {SCHEMA_VERSION}"
    for flag in _FLAGS:
        if flag not in marks and flag != "task":  # it is younger than the others
            yield f"its nbgrader metadata has no `{flag}`; mark the cell anew {_SIDEBAR}"
        elif not isinstance(marks.get(flag, False), bool):
            yield f"`{flag}` is {_shown(marks[flag])} and has to be true or false; mark the cell anew {_SIDEBAR}"
    given = {flag for flag in _FLAGS if marks.get(flag) is True}
    name = marks.get("grade_id", "")
    if not isinstance(name, str) or (name and not _NAME.fullmatch(name)):
        yield f"its grade_id {_shown(name)} has to be a text of plain letters, digits, - and _; give it another {_SIDEBAR}"
    elif given and not name:
        yield f"has no grade_id; give it one {_SIDEBAR}"
    yield from _points(marks, given)
    yield from _kinds(cell, given)
    for key in sorted(set(marks) - {*_FLAGS, "schema_version", "grade_id", "points", "checksum", "cell_type"}):
        yield f"nbgrader knows no metadata {key!r}; take it out"
    if not isinstance(marks.get("checksum", ""), str) or len(marks.get("checksum", "." * 32)) != 32:
        yield f"{_shown(marks['checksum'])} is no checksum; take it out: only released notebooks have one"
    if marks.get("cell_type", "code") not in _KINDS:
        yield f"{_shown(marks['cell_type'])} is no type of a cell; take `cell_type` out of its nbgrader metadata"


def _points(marks: Mapping[str, Any], given: set[str]) -> Iterator[str]:
    points = marks.get("points", 0)
    if not _is_number(points) or not math.isfinite(points) or points < 0:
        yield f"its points are {_shown(points)} and have to be a number, 0 or more; set them {_SIDEBAR}"
    elif given & {"grade", "task"} and "points" not in marks:
        yield f"is graded and has no points; set them {_SIDEBAR}"


def _kinds(cell: NotebookNode, given: set[str]) -> Iterator[str]:
    """Yield which marks of a cell do not go together, or not with its type."""
    if cell.cell_type == "raw" and given:
        yield f"is a raw cell and marked as {_listed(given)}; make it a code or Markdown cell"
    elif "task" in given and given & {"grade", "solution"}:
        yield f"is marked as {_listed(given - {'locked'})} at once; choose one {_SIDEBAR}"
    elif "task" in given and cell.cell_type != "markdown":
        yield "is marked as a task, and a task is a Markdown cell; change its type, or mark it anew"
    elif cell.cell_type == "markdown" and ("grade" in given) != ("solution" in given):
        yield (
            f"is a Markdown cell and marked as {_listed(given - {'locked'})} only; make it a manually graded answer or "
            f"a task {_SIDEBAR}, or a code cell"
        )


def _shown(value: Any) -> str:
    """Return a value as it stands in the file."""
    return json.dumps(value, ensure_ascii=False)[:60]


def _listed(given: set[str]) -> str:
    return " and ".join(word for flag, word in _FLAGS.items() if flag in given)


def _own_marks(cell: NotebookNode) -> Iterator[str]:
    """Yield what is wrong with our own metadata of one cell."""
    marks = metadata.ours(cell)
    for flag in ("optional", "all_or_nothing"):
        if not isinstance(marks.get(flag, False), bool):
            yield f"`{flag}` in its coursegrader metadata is {_shown(marks[flag])}; make it true or false"
    if not isinstance(marks.get("answers", ""), str):
        yield f"`answers` in its coursegrader metadata is {_shown(marks['answers'])}; make it the grade_id of a task"


def _unwritten(cells: Cells) -> Iterator[str]:
    """Yield which cells have nbgrader write a test: it would run the instructor's notebook, unboxed, to see the values."""
    for number, cell in cells:
        if wants_tests_written(cell):
            yield f"{_called(number, cell)}: has nbgrader write its test ({AUTOTEST}); write the test out"


def _unasked(cells: Cells) -> Iterator[str]:
    """Yield which cells are for answers to a task that is not there: nobody would read what is written in them."""
    tasks = [_grade_id(cell) for _, cell in cells if metadata.is_task(cell)]
    for number, cell in cells:
        asked = metadata.answers(cell)
        if asked is not None and asked not in tasks:
            named = f"name one of {', '.join(tasks)}" if tasks else "mark its question as a task"
            yield f"{_called(number, cell)}: is for answers to {asked!r}, and no task is called that; {named}"
