"""With what does a new course begin? One assignment that works, to be changed into one's own."""

from __future__ import annotations

import re
from pathlib import Path

from coursegrader import __version__
from coursegrader.course.course import PRIVATE
from coursegrader.course.setup.table import PLUGINS, TABLE
from coursegrader.errors import CourseError
from coursegrader.files import write_whole

_TEMPLATES = Path(__file__).parent / "templates" / "course"
_SUFFIX, _DOT = (
    ".in",
    "dot-",
)  # neither Python nor git takes the templates for its own; setuptools skips folders with dots
#: What may be there before: the repository, the environment and the wheel it was made with.
_WELCOME = {".git", ".venv", "wheels"}
#: What to do in a new course.
NEXT = """\
next, in that folder:
  coursegrader release     makes the student version of source/week1/, in release/week1/
  coursegrader check       proves that its hidden tests tell right from wrong
  coursegrader demo        hands in a made class, to have something to grade
  coursegrader autograde   grades it
  coursegrader feedback    writes a page for each student; `coursegrader report` one for you
then change source/week1/ into your own: docs/your-own-course.md of coursegrader says how"""


def start(folder: Path) -> list[Path]:
    """Write a course with one example assignment into an empty folder.

    Returns:
        The files, relative to the folder.

    Raises:
        CourseError: The folder is not empty, or no folder.
    """
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file; name a new folder with --course")
    there = sorted({path.name for path in folder.iterdir()} - _WELCOME) if folder.exists() else []
    if there:
        raise CourseError(
            f"{folder} is not empty ({there[0]}{' ...' if len(there) > 1 else ''}), and nothing in it was changed; "
            "name a new folder with --course, or make a course that nbgrader grades one of ours by `coursegrader adopt`"
        )
    written = []
    for template in sorted(path for path in _TEMPLATES.rglob(f"*{_SUFFIX}") if path.is_file()):
        target = _place(template)
        write_whole(folder / target, _filled(template.read_text("utf-8"), folder).encode())
        written.append(target)
    return written


def _place(template: Path) -> Path:
    parts = template.relative_to(_TEMPLATES).with_suffix("").parts
    return Path(*(f".{part.removeprefix(_DOT)}" if part.startswith(_DOT) else part for part in parts))


def _filled(text: str, folder: Path) -> str:
    theirs = {statement for line in TABLE for statement in line.needs}
    ours = {name for line in TABLE for name in line.ours}
    values = {
        "version": __version__,
        "course": re.sub(r"[^\w.-]+", "-", folder.name).strip("-.") or "course",
        "imports": "\n".join([*sorted(theirs), "", f"from {PLUGINS} import {', '.join(sorted(ours))}"]),
        "lines": "\n".join(line.text for line in TABLE),
        "private": ", ".join(f'"{name}"' for name in PRIVATE),
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
