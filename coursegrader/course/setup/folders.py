"""In which folder does nbgrader keep which step of whose assignment? Its ``directory_structure`` says so."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import takewhile
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import IncludeHeaderFooter
from traitlets import TraitError
from traitlets.config import Config

from coursegrader.errors import AuthoringError, CourseError

_ANY = "\0"  # stands for the name that is looked for


def place(directory: CourseDirectory, step: str, student: str, assignment: str) -> Path:
    """Return the folder of one step (``submitted``, ``autograded``, ``release`` ...)."""
    return Path(directory.format_path(_folder(directory, step), student or ".", assignment))


def collection(directory: CourseDirectory, step: str, assignment: str) -> Path:
    """Return the folder in which the folders of students come into being, in one step."""
    parts = Path(_structure(directory, step, _ANY, assignment)).parts
    return Path(directory.root, *takewhile(lambda part: _ANY not in part, parts))


def students(directory: CourseDirectory, step: str, assignment: str) -> list[str]:
    """Return who has a folder of an assignment in one step."""
    return sorted(_names(directory, step, _ANY, assignment))


def assignments(directory: CourseDirectory, around: Collection[Path] = ()) -> dict[str, Path]:
    """Return the instructor's assignments: their folders by name, those without notebooks, too.

    Args:
        directory: nbgrader's settings.
        around: Notebooks that are put around others; a folder with no other notebook is no assignment.
    """
    found = sorted(_names(directory, "source", ".", _ANY).items())
    known = {path.resolve() for path in around}
    inside = {name: {path.resolve() for path in folder.glob("*.ipynb")} for name, folder in found}
    return {name: folder for name, folder in found if not inside[name] or inside[name] - known}


def around(config: Config, root: Path) -> dict[str, Path]:
    """Return the notebooks that nbgrader puts around every other, by their part: ``header`` and ``footer``.

    Raises:
        CourseError: One of them is not named by a text.
    """
    try:
        asked = IncludeHeaderFooter(config=config)
    except TraitError as error:
        raise CourseError(
            f"{root}: c.IncludeHeaderFooter names no notebook ({str(error).rstrip('.')}); mend nbgrader_config.py"
        ) from error
    return {part: root / getattr(asked, part) for part in ("header", "footer") if getattr(asked, part)}


def _folder(directory: CourseDirectory, step: str) -> str:
    return str(getattr(directory, f"{step}_directory"))


def _structure(directory: CourseDirectory, step: str, student: str, assignment: str) -> str:
    names = {"nbgrader_step": _folder(directory, step), "student_id": student, "assignment_id": assignment}
    return str(directory.directory_structure.format(**names))


def _names(directory: CourseDirectory, step: str, student: str, assignment: str) -> dict[str, Path]:
    """Return the folders that are there, by what stands in the place of ``_ANY``."""
    found = [(Path(directory.root), _ANY)]
    for part in Path(_structure(directory, step, student, assignment)).parts:
        found = [match for folder, name in found for match in _matches(folder, part, name)]
    return {name: folder for folder, name in found if folder.is_dir() and name != _ANY}


def _matches(folder: Path, part: str, name: str) -> list[tuple[Path, str]]:
    """Return what in a folder is called like one part of a path, with the name that this settles."""
    if _ANY not in part or name != _ANY:
        return [(folder / part.replace(_ANY, name), name)]
    pattern = re.compile(re.escape(part).replace(_ANY, "(?P<name>.+)", 1).replace(_ANY, "(?P=name)"), re.DOTALL)
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    return [(entry, match["name"]) for entry in entries if (match := pattern.fullmatch(entry.name))]


def refuse_among(folder: Path, around: Mapping[str, Path]) -> None:
    """Refuse a header or footer that lies among the notebooks of an assignment.

    Raises:
        AuthoringError: There is one.
    """
    for part, path in around.items():
        if path.suffix == ".ipynb" and path.resolve().parent == folder.resolve():
            raise AuthoringError(
                f"{path}: c.IncludeHeaderFooter.{part} names it, but it lies among the notebooks of an assignment, so "
                f"nbgrader would release and grade it as one of them; move it to {folder.parent}/, "
                "and let the setting name it there"
            )
