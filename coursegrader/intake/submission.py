"""What did the student hand in? Files are read, damaged notebooks too; nothing is executed, unpickled or followed."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from coursegrader.course.course import Assignment
from coursegrader.errors import IngestError
from coursegrader.files import is_clutter
from coursegrader.intake.reading import bulk
from coursegrader.intake.reading.cells import Cell, grade_id_of, parse, source_of
from coursegrader.intake.reading.regular import open_regular, printable, read_regular
from coursegrader.model import Finding

TIMESTAMP = "timestamp.txt"  # nbgrader's file that says when it was handed in
MAX_NOTEBOOK = 48 << 20  # bytes; outputs are dropped, so a large file can still be a small answer
MAX_FILES = 64 << 20  # bytes of all side files
MAX_PATHS = 5_000  # files that are looked at
MAX_FOLDERS = 2_000  # that are looked into
MAX_LEVELS = 40  # folders in one another: what reads and removes them holds each of them open
MAX_PATH = 1_000  # bytes of a path in the submission: in a box there must be room for more before it


@dataclass
class Submission:
    """One student's folder as read: notebooks and side files as bytes, and what was noticed.

    Attributes:
        student: Student id.
        notebooks: Raw bytes by the instructor's notebook name; a missing or unreadable one is not in it, and what
            makes a very large one large is not in its bytes.
        digests: SHA-256 of each notebook as it was handed in.
        problems: Why a notebook is not in ``notebooks``, by name.
        files: Side files by relative path.
        findings: What was noticed.
    """

    student: str
    notebooks: dict[str, bytes] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def ingest(
    folder: Path, student: str, assignment: Assignment, wanted: Callable[[str], bool] = lambda name: True
) -> Submission:
    """Read a submission folder: regular files only, within limits, no link followed.

    Args:
        folder: ``submitted/<student>/<assignment>``.
        student: Student id.
        assignment: The instructor's side.
        wanted: Which notebooks to read, by name.
    """
    submission = Submission(student)
    strays: list[Path] = []
    released = [path.as_posix() for path in assignment.side_files()]
    room = MAX_FILES
    for path in _walk(folder, submission):
        if path.parent == folder and path.suffix == ".ipynb" and path.stem in assignment.notebooks:
            if wanted(path.stem):
                _read_notebook(submission, path, path.stem)
        elif _stem(path):
            strays.append(path)
        else:
            room -= _read_side_file(submission, path, path.relative_to(folder).as_posix(), released, room)
    for path in strays:
        _match_stray(submission, path, path.relative_to(folder).as_posix(), assignment, wanted)
    for name in assignment.notebooks:
        if wanted(name) and name not in submission.notebooks:
            submission.problems.setdefault(name, f"{name}.ipynb was not handed in")
    return submission


def _walk(folder: Path, submission: Submission) -> list[Path]:
    """Return all paths but folders, those at the top first; links and folders that are called notebooks are in it."""
    found: list[Path] = []
    for visited, (directory, names, files) in enumerate(os.walk(folder, followlinks=False)):
        odd = [name for name in names if name.endswith(".ipynb") or (Path(directory) / name).is_symlink()]
        names[:] = sorted(name for name in names if name not in odd and not is_clutter(name))
        found += [Path(directory) / name for name in sorted((*files, *odd)) if not is_clutter(name)]
        if len(found) > MAX_PATHS or visited >= MAX_FOLDERS:
            detail = f"only the first {MAX_PATHS} files in the first {MAX_FOLDERS} folders were read"
            submission.findings.append(Finding("too_many_files", submission.student, detail))
            break
    return found[:MAX_PATHS]


def _read_notebook(submission: Submission, path: Path, name: str) -> None:
    try:
        slim = _slim(path)
    except IngestError as error:
        submission.problems[name] = str(error)
        return
    submission.notebooks[name], submission.digests[name] = slim.raw, slim.digest
    submission.problems.pop(name, None)
    if slim.damaged:
        detail = "the file is damaged"
        submission.findings.append(Finding("damaged", printable(path.name), detail, "answers inside it are lost"))


def _slim(path: Path) -> bulk.Slim:
    """Read a notebook, a large one without its outputs.

    Raises:
        IngestError: It is no regular file, cannot be read, or is large even so.
    """
    with os.fdopen(open_regular(path, MAX_NOTEBOOK), "rb") as file:
        if os.fstat(file.fileno()).st_size <= bulk.LARGE:
            raw = file.read(bulk.LARGE)
            return bulk.Slim(raw, hashlib.sha256(raw).hexdigest(), damaged=False)
        slim = bulk.slim(file.fileno())
    if slim is None:
        name = printable(path.name)
        raise IngestError(f"{name} is too large to be read: clear its outputs, save it and hand it in again")
    return slim


def _read_side_file(submission: Submission, path: Path, relative: str, released: list[str], room: int) -> int:
    """Keep a side file unless it cannot be read or cannot lie beside the released files; return its size."""
    try:
        if len(relative.encode("utf-8")) > MAX_PATH:
            raise IngestError("its path is too long")
        if relative.count("/") > MAX_LEVELS:
            raise IngestError(f"it lies more than {MAX_LEVELS} folders deep")
        if any(f"{file}/".startswith(f"{relative}/") or f"{relative}/".startswith(f"{file}/") for file in released):
            if relative in released:
                return 0  # the released file is used
            raise IngestError(f"{relative} is in the place of a released file or folder")
        if path.lstat().st_size > room:  # before it is read: a thousand large files would take minutes
            raise IngestError(f"more than {MAX_FILES >> 20} MB of files")
        data = read_regular(path, room)
        submission.files[relative] = data
        return len(data)
    except UnicodeEncodeError:
        relative, detail = printable(relative), "its name is not UTF-8"
    except (IngestError, OSError) as error:
        detail = str(error)
    submission.findings.append(Finding("file_left_out", relative, detail, "cells that need it will not find it"))
    return 0


def _stem(path: Path) -> str:
    """Return a notebook's name without its endings, those that browsers add too; empty if it is no notebook."""
    match = re.fullmatch(r"(.+?)(\.ipynb)+(\.(txt|json|html?))?", path.name, flags=re.IGNORECASE | re.DOTALL)
    return match.group(1) if match else ""


def _match_stray(
    submission: Submission, path: Path, relative: str, assignment: Assignment, wanted: Callable[[str], bool]
) -> None:
    """Give a renamed or misplaced notebook to the name it was released under."""
    relative = printable(relative)
    name = _original_name(path, assignment)
    if name is None or name in submission.notebooks:
        detail = "is no notebook of this assignment, or a second copy of one"
        submission.findings.append(Finding("unknown_notebook", relative, detail))
    elif wanted(name):
        _read_notebook(submission, path, name)
        if name in submission.notebooks:
            submission.findings.append(Finding("renamed", relative, f"was graded as {name}.ipynb"))


def _original_name(path: Path, assignment: Assignment) -> str | None:
    """Find what a notebook was called: by its name without additions, else by its cells, else by a similar name."""
    plain = without_additions(_stem(path), _ADDITION).strip().lower()
    names = {name.lower(): name for name in assignment.notebooks}
    if plain in names:
        return names[plain]
    close = difflib.get_close_matches(plain, names, n=2, cutoff=0.8)
    return _name_by_cells(path, assignment) or (names[close[0]] if len(close) == 1 else None)


_ADDITION = re.compile(
    r"(\s{0,3}\(\d{1,6}\)|[-_ ]copy\d{0,6}|[-_ ](final|submission|solution|v\d{1,6}))$", re.IGNORECASE
)


def without_additions(stem: str, addition: re.Pattern[str]) -> str:
    """Return a name without what was put behind it, one addition after the other; each is short."""
    stem = stem[:MAX_PATH]
    while found := addition.search(stem, max(0, len(stem) - 20)):
        stem = stem[: found.start()]
    return stem


def _name_by_cells(path: Path, assignment: Assignment) -> str | None:
    """Return the notebook that shares the most cells which no other notebook has."""
    try:
        cells, _ = parse(_slim(path).raw, path.name)
    except IngestError:
        return None  # the caller reports the file as unknown
    mine = {mark for cell in cells for mark in _marks(cell)}
    theirs = {
        name: {mark for cell in notebook.release.cells for mark in _marks(cell)}
        for name, notebook in assignment.notebooks.items()
    }
    shared = {
        name: len((marks & mine).difference(*(other for key, other in theirs.items() if key != name)))
        for name, marks in theirs.items()
    }
    best = max(shared, key=lambda name: shared[name])
    return best if shared[best] >= 3 else None


def _marks(cell: Cell) -> list[tuple[str, str]]:
    """Return what a cell may be recognised by: its grade_id, its id, its text."""
    cell_id = cell.get("id")
    marks = [("grade_id", grade_id_of(cell) or ""), ("id", cell_id if isinstance(cell_id, str) else "")]
    return [mark for mark in [*marks, ("text", source_of(cell).strip())] if mark[1]]
