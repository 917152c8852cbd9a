"""Which wrong and which right answers does the instructor know?

A bank is a folder of Python files, each a complete answer to one solution cell: ``mistakes/`` holds wrong ones,
``alternatives/`` right ones.
"""

from __future__ import annotations

import ast
import re
from difflib import get_close_matches
from functools import lru_cache

from coursegrader.course.cells import Answer
from coursegrader.course.course import Assignment
from coursegrader.course.metadata import grade_id
from coursegrader.course.syntax import tree_of
from coursegrader.errors import AuthoringError
from coursegrader.files import is_clutter

_SETTING = re.compile(r"^#\s*(loses|category):\s*(.+?)\s*$", re.MULTILINE)


def bank(assignment: Assignment, kind: str, notebook: str) -> list[Answer]:
    """Read the bank ``mistakes`` or ``alternatives`` of one notebook.

    Raises:
        AuthoringError: A file does not parse, has no docstring, or names a cell that does not exist.
    """
    _refuse_strays(assignment, kind)
    graded = assignment.notebooks[notebook].graded
    solutions = {grade_id(cell) for cell in assignment.notebooks[notebook].source.cells}
    answers = []
    for path in sorted((assignment.folder / kind / notebook).glob("*/*.py")):
        source = path.read_text("utf-8")
        try:
            text = ast.get_docstring(tree_of(source)) or ""
        except SyntaxError as error:
            raise AuthoringError(f"{path}: line {error.lineno} is not Python; mend it") from error
        settings = dict(_SETTING.findall(source))
        loses = tuple(name.strip() for name in settings.get("loses", "").split(",") if name.strip())
        unknown = sorted({path.parent.name} - solutions) + sorted(set(loses) - set(graded))
        if unknown:
            raise AuthoringError(f"{path}: there is no cell {unknown[0]!r} in {notebook}; mend the name")
        if not text or (kind == "mistakes" and not loses):
            raise AuthoringError(
                f"{path}: needs a docstring and a line `# loses: <grade cells>`; see docs/authoring.md"
            )
        answers.append(Answer(notebook, path.parent.name, path.stem, source, text, loses, settings.get("category", "")))
    return answers


@lru_cache(4)  # the folder is the same for each of its notebooks
def _refuse_strays(assignment: Assignment, kind: str) -> None:
    """Refuse a file of a bank that lies in no cell's folder; the folder of a notebook that was left out may stay."""
    for path in sorted((assignment.folder / kind).rglob("*.py")):
        inside = path.relative_to(assignment.folder / kind).parts
        if any(map(is_clutter, inside)):
            continue
        if len(inside) != 3:
            raise AuthoringError(f"{path}: belongs to no cell; move it to {kind}/<notebook>/<cell>/<name>.py")
        numbers = re.findall(r"\d+", inside[0])
        alike = [name for name in assignment.notebooks if re.findall(r"\d+", name) == numbers]
        if inside[0] not in alike and (meant := get_close_matches(inside[0], alike, 1, 0.8)):
            raise AuthoringError(f"{path}: there is no notebook {inside[0]!r}; is {meant[0]!r} meant?")
