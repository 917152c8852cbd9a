"""Who and what is asked for, can it be read at all, and what came of it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatch
from pathlib import Path

from nbgrader.utils import parse_utc

from coursegrader.course.course import Assignment, Course
from coursegrader.errors import CourseError
from coursegrader.intake.submission import TIMESTAMP
from coursegrader.model import Finding, Grading, Move


@dataclass(frozen=True)
class Options:
    """How submissions are graded.

    Attributes:
        only_changed: Leave students alone whose files, instructor's side, due date and late penalty are as they were.
        fresh: Take no run from the cache.
        rejudge: Run nothing: judge what was run before by today's tolerances, weights, points, hints and judges.
        dry_run: Save nothing; say what would move.
        allow_lower: Save also what takes points from an answer whose feedback was written.
    """

    only_changed: bool = False
    fresh: bool = False
    rejudge: bool = False
    dry_run: bool = False
    allow_lower: bool = False


@dataclass
class Outcome:
    """What a grading run came to.

    Attributes:
        gradings: One per student that was graded, by student id.
        degraded: Sentence per student whose result is less than a normal grading.
        unchanged: Students left alone because nothing had changed.
        moved: Points that are others than in the grading before.
    """

    gradings: dict[str, Grading] = field(default_factory=dict)
    degraded: dict[str, str] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)


def selected_notebooks(assignment: Assignment, pattern: str) -> list[str]:
    """Return the names of the notebooks that match a glob.

    Raises:
        CourseError: None does.
    """
    names = [name for name in assignment.notebooks if fnmatch(name, pattern)]
    if not names:
        raise CourseError(f"no notebook {pattern!r} in {assignment.name}; known: {', '.join(assignment.notebooks)}")
    return names


def chosen_assignments(course: Course, name: str | None) -> list[str]:
    """Return the named assignment, or all there are.

    Raises:
        CourseError: There is none.
    """
    found = [name] if name is not None else course.assignments()
    if not found:
        raise CourseError(f"{course.step('source')} has no assignment; add <assignment>/<notebook>.ipynb to it")
    return found


def only_assignment(course: Course, name: str | None) -> str:
    """Return the named assignment, or the only one there is.

    Raises:
        CourseError: There are several, or none.
    """
    found = chosen_assignments(course, name)
    if len(found) > 1:
        raise CourseError(f"which assignment? There are {', '.join(found)}: name one behind the command")
    return found[0]


def notebooks_of(course: Course, names: list[str], patterns: list[str]) -> dict[str, list[str]]:
    """Return the notebooks of each assignment that match one of the globs; assignments without any are left out.

    Raises:
        CourseError: A glob matches none in any of them.
    """
    assignments = [course.assignment(name) for name in names]
    for pattern in patterns:
        if not any(fnmatch(book, pattern) for assignment in assignments for book in assignment.notebooks):
            known = ", ".join(book for assignment in assignments for book in assignment.notebooks)
            raise CourseError(f"no notebook {pattern!r} in {', '.join(names)}; known: {known}")
    found = {
        assignment.name: [book for book in assignment.notebooks if any(fnmatch(book, glob) for glob in patterns)]
        for assignment in assignments
    }
    return {name: books for name, books in found.items() if books}


def selected_students(course: Course, name: str, pattern: str) -> list[str]:
    """Return the students who handed in and match a glob.

    Raises:
        CourseError: Nobody handed in, or none of them matches.
    """
    known = course.students("submitted", name)
    chosen = [student for student in known if fnmatch(student, pattern)]
    if not known:
        where = course.step("submitted", "<student>", name)
        raise CourseError(f"nobody handed in {name!r}: there is no {where}; collect submissions first")
    if not chosen:
        near = get_close_matches(pattern, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {len(known)} students, e.g. {known[0]!r}"
        raise CourseError(f"no student {pattern!r} handed in {name!r}; {hint}")
    return chosen


def unusable(student: str, folder: Path) -> str:
    """Say why a folder is not read at all; empty if it is."""
    if folder.is_symlink() or folder.parent.is_symlink():
        return f"{folder} is a symbolic link and was not followed"
    if not student.isprintable() or set(student) & set("*?["):  # nbgrader could not find such a student's files
        return "the name of the folder cannot be a student id: rename it"
    return ""


def timestamp_of(files: Mapping[str, bytes]) -> tuple[str | None, list[Finding]]:
    """Read nbgrader's timestamp file, if it is among these; a useless one is a finding, not a failure."""
    text = files.get(TIMESTAMP, b"").decode("utf-8", "replace").strip()
    if not text:
        return None, []
    try:
        return str(parse_utc(text)), []
    except (ValueError, OverflowError, TypeError, AttributeError):
        return None, [Finding("bad_timestamp", TIMESTAMP, f"{text[:40]!r} is no date", "counts as handed in on time")]
