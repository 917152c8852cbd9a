"""How does an old notebook become one that can be graded? Read with care, given ids, never run."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator

from coursegrader.course.metadata import grade_id, of_nbgrader
from coursegrader.errors import AuthoringError

_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
#: Metadata that a release may hold; editors leave a lot of other.
_KEPT = {"kernelspec", "language_info"}
_KEPT_IN_CELLS = {"nbgrader", "coursegrader", "deletable", "editable", "jupyter", "cellView"}


def upgrade(text: str, place: str) -> tuple[NotebookNode, list[str]]:
    """Return a notebook in format 4.5 with nbgrader's newest metadata, and in words what was changed for that.

    The ids are the same whenever and wherever it is upgraded: a graded cell's is its grade_id.

    Args:
        text: The file.
        place: Its path, for the author.

    Raises:
        AuthoringError: It is no notebook of Python, or cannot be made one of format 4.5.
    """
    nb = _read(text, place)
    _refuse_other_languages(nb, place)
    before = (nb.nbformat_minor, [cell.get("id") for cell in nb.cells])
    changes = []
    if _upgrade_nbgrader(nb, place):
        changes.append("nbgrader's metadata brought to its newest schema")
    nb.nbformat, nb.nbformat_minor = 4, max(5, nb.nbformat_minor)
    _give_ids(nb, place)
    if before != (nb.nbformat_minor, [cell.id for cell in nb.cells]):
        changes.append("brought to notebook format 4.5, with an id for each cell")
    if taken := _take_metadata(nb):
        changes.append(f"metadata taken away that students must not get: {', '.join(taken)}")
    try:
        nbformat.validate(nb)
    except nbformat.ValidationError as error:
        reason = str(error).splitlines()[0]
        raise AuthoringError(f"{place}: cannot be upgraded ({reason}); open it in Jupyter and save it") from error
    return nb, changes


def _read(text: str, place: str) -> NotebookNode:
    try:
        data = json.loads(text)
        if data.get("nbformat") == 4:
            return nbformat.v4.reads(text)  # as it stands: nbformat itself would give ids by chance
        return nbformat.reads(text, as_version=4)
    except Exception as error:  # nbformat raises many kinds; each means: not a notebook
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise AuthoringError(
            f"{place}: cannot be read as a notebook ({reason[:100]}); restore it, or move it out of the assignment"
        ) from error


def _refuse_other_languages(nb: NotebookNode, place: str) -> None:
    kernel = nb.metadata.get("kernelspec", {})
    named = kernel.get("language") or nb.metadata.get("language_info", {}).get("name") or "python"
    if named.lower() not in ("python", "python3", "ipython"):
        raise AuthoringError(
            f"{place}: its kernel runs {named}, and only Python is graded; move it out of the course, or leave the "
            "course with nbgrader alone"
        )


def _upgrade_nbgrader(nb: NotebookNode, place: str) -> bool:
    """Bring nbgrader's cell metadata to its newest schema; say whether anything was to do."""
    before = [dict(of_nbgrader(cell)) for cell in nb.cells]
    validator = MetadataValidator()
    for cell in nb.cells:
        try:
            validator.upgrade_cell_metadata(cell)
            validator.validate_cell(cell)
        except Exception as error:  # jsonschema's, nbgrader's and Python's own: each means: no such metadata
            name = grade_id(cell) or "a cell"
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise AuthoringError(
                f"{place}, {name}: nbgrader's metadata cannot be upgraded ({reason}); mend it in nbgrader's sidebar"
            ) from error
    return before != [dict(of_nbgrader(cell)) for cell in nb.cells]


def _give_ids(nb: NotebookNode, place: str) -> None:
    """Give an id to every cell that has none of its own; those there are stay."""
    taken: set[str] = set()
    for cell in nb.cells:
        own = cell.get("id")
        if not isinstance(own, str) or not _ID.fullmatch(own) or own in taken:
            own = cell["id"] = _new_id(cell, place, taken)
        taken.add(own)


def _new_id(cell: NotebookNode, place: str, taken: Collection[str]) -> str:
    name = grade_id(cell)
    if _ID.fullmatch(name) and name not in taken:
        return name
    text = f"{place} {cell.cell_type} {name} {cell.source}"  # a header has other ids than what it stands before
    for number in range(len(taken) + 1):
        found = "cell-" + hashlib.sha256(f"{number} {text}".encode("utf-8", "replace")).hexdigest()[:10]
        if found not in taken:
            break
    return found


def _take_metadata(nb: NotebookNode) -> list[str]:
    """Take away what a release may not hold, and return the names of it."""
    taken = _take(nb.metadata, _KEPT)
    for cell in nb.cells:
        taken |= _take(cell.metadata, _KEPT_IN_CELLS)
        taken |= {f"jupyter.{key}" for key in _take(cell.metadata.get("jupyter", {}), {"source_hidden"})}
        if not cell.metadata.get("jupyter", True):
            del cell.metadata["jupyter"]
    return sorted(taken)


def _take(metadata: dict[str, Any], kept: Collection[str]) -> set[str]:
    return {key for key in list(metadata) if key not in kept and metadata.pop(key, key) is not metadata}
