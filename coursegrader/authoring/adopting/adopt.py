"""What is read, tried and written when a course is adopted? All of it is planned before anything is written."""

from __future__ import annotations

import copy
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from coursegrader.authoring.adopting.plan import Adopted, plan_notebook
from coursegrader.authoring.adopting.settings import added, ignored_by_git
from coursegrader.authoring.adopting.trial import try_evidence
from coursegrader.authoring.audit import ALLOWED_FILES
from coursegrader.course.course import CONFIG_FILE, PRIVATE, Assignment, Course
from coursegrader.course.setup.folders import refuse_among
from coursegrader.errors import AuthoringError, CourseError, CourseGraderError
from coursegrader.files import temporary_folder, write_whole

GITIGNORE = ".gitignore"


@dataclass
class Adoption:
    """What became of a course.

    Attributes:
        notebooks: Every notebook with what was changed and what is to be said of its cells.
        written: Files that were written, relative to the course.
        copies: Where they are kept as they were; None if nothing was written.
    """

    notebooks: list[Adopted] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    copies: Path | None = None


def adopt(course: Course, evidence: bool = False) -> Adoption:
    """Make a course that nbgrader grades one of ours; what is written is kept as it was in ``grading/before-adopting``.

    Args:
        course: The course, opened without asking for the plug-in table.
        evidence: Whether to rewrite assertions into evidence where that is possible.

    Raises:
        CourseError: Something stands against it; nothing was changed.
    """
    notebooks = _plan(course)
    old = (course.root / CONFIG_FILE).read_text("utf-8")
    new = _configuration(course, old, any(book.reports for book in notebooks))
    if evidence:
        try_evidence(course, notebooks, new)
    wanted = {book.path: _written(book, evidence) for book in notebooks}
    wanted[Path(GITIGNORE)] = ignored_by_git(_read(course.root / GITIGNORE))
    wanted[Path(CONFIG_FILE)] = new  # last: a course whose notebooks are not all upgraded is not one of ours yet
    changed = {path: text for path, text in wanted.items() if _read(course.root / path) != text}
    found = Adoption(notebooks, list(changed))
    if changed:
        found.copies = _keep(course, list(changed))
        for path, text in changed.items():
            write_whole(course.root / path, text.encode())
    return found


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def _written(book: Adopted, evidence: bool) -> str:
    nb = book.with_evidence() if evidence else book.nb
    return nbformat.writes(nb) + "\n" if book.changes or nb != book.nb else book.text


def _plan(course: Course) -> list[Adopted]:
    """Plan every notebook of the course.

    Raises:
        CourseError: At least one of them cannot be adopted; all reasons are in the text.
    """
    problems: list[str] = []
    notebooks: list[Adopted] = []
    for name in course.assignments():
        assignment = course.assignment(name)
        problems += [*_private_names(assignment), *_among(course, assignment)]
        beside = {path.stem for path in assignment.folder.iterdir()}
        for path in sorted(assignment.folder.glob("*.ipynb")):
            _add(course, path, beside, True, notebooks, problems)
    for path in dict.fromkeys(course.around.values()):
        if path.is_file():
            _add(course, path, set(), False, notebooks, problems)
    if not notebooks and not problems:
        problems.append(f"{course.root}: has no assignment with a notebook; there is nothing to adopt")
    if problems:
        raise CourseError(
            "the course cannot be adopted, nothing was changed:\n" + "\n".join(f"  {p}" for p in problems)
        )
    return notebooks


def _add(
    course: Course, path: Path, beside: set[str], graded: bool, notebooks: list[Adopted], problems: list[str]
) -> None:
    place = Path(os.path.relpath(path, course.root))
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{place}: cannot be read ({error}); restore it")
        return
    found, why = plan_notebook(place, text, course.markers, beside, graded)
    notebooks += [found] if found else []
    problems += why


def _among(course: Course, assignment: Assignment) -> list[str]:
    """Say where nbgrader took a header or footer for one more notebook."""
    try:
        refuse_among(assignment.folder, course.around)
    except AuthoringError as error:
        return [str(error)]
    return []


def _private_names(assignment: Assignment) -> list[str]:
    """Name what students got from nbgrader and would not get from us."""
    ignored = assignment.course.directory.ignore
    taken = [name for name in PRIVATE if name not in ignored and (assignment.folder / name).exists()]
    return [f"{assignment.folder / name}: a name under which files stay with instructors; rename it" for name in taken]


def _configuration(course: Course, old: str, forgeable: bool) -> str:
    """Return the new configuration.

    Raises:
        CourseError: It would not do what it must.
    """
    beside = {
        path.as_posix()
        for name in course.assignments()
        for path in course.assignment(name).side_files()
        if not ALLOWED_FILES.fullmatch(path.as_posix())
    }
    new = added(old, copy.deepcopy(course.config), course.directory.ignore, beside, forgeable)
    with temporary_folder("adopt") as folder:
        (folder / CONFIG_FILE).write_text(new, "utf-8")
        (folder / course.directory.source_directory.lstrip("/")).mkdir(parents=True)
        try:
            Course.open(folder)
        except CourseGraderError as error:
            reason = str(error).replace(str(folder), str(course.root)).splitlines()[0]
            raise CourseError(
                f"{CONFIG_FILE} cannot be added to, nothing was changed: {reason}; write its lists out, and use `c`"
            ) from error
    return new


def _keep(course: Course, paths: list[Path]) -> Path:
    """Copy files to a folder of their own before they are written."""
    base = course.grading / "before-adopting"
    number = 1 + max((int(path.name) for path in base.glob("*") if path.name.isdigit()), default=0)
    for path in paths:
        target = base / str(number) / (path if ".." not in path.parts else path.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if (course.root / path).exists():
            shutil.copy2(course.root / path, target)
    return base / str(number)
