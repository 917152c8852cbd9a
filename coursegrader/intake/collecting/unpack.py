"""How is an archive unpacked that nobody vouches for? Under limits that are checked before a byte is written."""

from __future__ import annotations

import errno
import lzma
import os
import re
import shutil
import stat
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.plugins import ExtractorPlugin

from coursegrader.errors import IngestError
from coursegrader.files import is_clutter

MAX_FILE = 100 << 20  # bytes
MAX_STUDENT = 250 << 20  # bytes of one student
MAX_COUNT = 5_000  # files of one student
MAX_TOTAL = 64 << 30  # bytes of a download
SPARE = 512 << 20  # bytes that stay free on the disk
#: A file that grows more than this when it is unpacked is a bomb; small files may be as regular as they like.
MAX_RATIO, RATIO_FROM = 100, 1 << 20
MAX_DEPTH = 2  # a student's zip inside the platform's zip
MAX_PART = 200  # bytes of a file name
MAX_LEVELS = 50  # one in the other: beyond a thousand, neither Python nor a path can name them
#: How a platform begins the name of everything that one student handed in.
CANVAS = re.compile(r"(?P<name>[^_/]+)_(?:LATE_)?(?P<user>\d+)_(?P<submission>\d+)_(?P<file>.+)", re.DOTALL)
MOODLE = re.compile(r"(?P<name>[^/]+?)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)", re.DOTALL)
GRADESCOPE = re.compile(r"submission_\d+")
#: What a downloaded archive is unpacked to ends so; what students packed is unpacked to a folder without it.
ROOT = ".zip"
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


def platform_part(name: str) -> tuple[str, str, str] | None:
    """Return which platform gave a name, and to whom: ``("canvas", "lovelaceada", "101")``.

    Only the beginning counts, which the platform writes; what follows was chosen by who handed in.
    """
    if match := CANVAS.fullmatch(name):  # first: its own part cannot look like Moodle's, but the rest can
        return "canvas", match["name"], match["user"]
    if match := MOODLE.fullmatch(name):
        return "moodle", match["name"], match["user"]
    return ("gradescope", "", name) if GRADESCOPE.fullmatch(name) else None


def holder(parts: tuple[str, ...], wrapped: bool) -> str:
    """Return whose budget a file of a download is counted in: that of its platform's part, else of its first folder."""
    own = parts[1:] if wrapped and len(parts) > 1 else parts
    part = platform_part(own[0])
    return " ".join(filter(None, part[1:])) if part else own[0]


@dataclass
class Budget:
    """What was unpacked of one download so far, and what was left out.

    Attributes:
        total: Bytes.
        spent: Bytes and files by student.
        notes: What was left out, in words.
        disk: A folder on the disk that is filled.
    """

    total: int = 0
    spent: dict[str, tuple[int, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    disk: Path | None = None

    def take(self, name: str, size: int, packed: int, student: str = "") -> bool:
        """Count a file in; return False, with a note, if it is too large, or one too many of its student.

        Raises:
            IngestError: All files together are too large, or the disk is full.
        """
        mine, count = self.spent.get(student, (0, 0))
        if reason := self._refused(size, packed, mine, count):
            self.notes.append(f"{name} {reason} and was left out" + (f" ({student})" if student else ""))
            return False
        if self.total + size > MAX_TOTAL:
            raise IngestError(f"more than {MAX_TOTAL >> 30} GB; collect the download in several parts")
        if self.disk is not None and size + SPARE > shutil.disk_usage(self.disk).free:
            raise IngestError(f"the disk of {self.disk} is full at {name}; make room and collect again")
        self.total += size
        self.spent[student] = (mine + size, count + 1)
        return True

    def _refused(self, size: int, packed: int, mine: int, count: int) -> str:
        if size > MAX_FILE:
            return f"has {size >> 20} MB, more than {MAX_FILE >> 20},"
        if size > RATIO_FROM and size > MAX_RATIO * max(packed, 1):
            return f"grows {size // max(packed, 1)} times when unpacked, like a bomb,"
        if count + 1 > MAX_COUNT or mine + size > MAX_STUDENT:
            return f"is beyond the {MAX_COUNT} files or {MAX_STUDENT >> 20} MB that one student may hand in"
        return ""


class SafeExtractor(ExtractorPlugin):
    """Unpacks downloads for ``nbgrader zip_collect``: no links, no way out of the folder, no bombs."""

    def __init__(self, **kwargs: Any) -> None:
        """Prepare; what is left out is noted."""
        super().__init__(**kwargs)
        self.notes: list[str] = []

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack or copy everything in the archive folder; each download becomes a folder of its own."""
        Path(extracted_path).mkdir(parents=True, exist_ok=True)
        budget = Budget(notes=self.notes, disk=Path(extracted_path))
        for folder, _, files in os.walk(archive_path):
            for name in sorted(files):
                path = Path(folder) / name
                inside = path.relative_to(archive_path)
                target = Path(extracted_path) / inside
                target.parent.mkdir(parents=True, exist_ok=True)
                if path.suffix.lower() != ".zip" or not zipfile.is_zipfile(path):
                    shutil.copyfile(path, target)
                elif len(inside.parts) == 1 and platform_part(name) is None:
                    unpack(path, target.with_suffix(ROOT), budget, platforms=True)
                else:
                    _unpack_students(path, target, budget, 2, holder(inside.parts, wrapped=False))
        for note in budget.notes:
            self.log.warning("%s", note)


def unpack(
    path: Path,
    folder: Path,
    budget: Budget | None = None,
    depth: int = 1,
    student: str = "",
    *,
    platforms: bool = False,
) -> None:
    """Unpack a zip, and the zips of students in it, into a folder.

    Args:
        path: The zip.
        folder: Where to.
        budget: What may still be unpacked.
        depth: How many zips this one lies in, itself counted.
        student: Whose it is, if it is a student's.
        platforms: Whether a platform packed it: then one bad entry costs only its student, and each has a budget.

    Raises:
        IngestError: It is damaged, leads out of the folder or breaks a limit; nothing leaves the folder.
    """
    budget = budget or Budget()
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = _wanted(archive, path, budget, student, platforms)
            for info, inside, owner in wanted:
                try:
                    _unpack_entry(archive, info, folder / inside, budget, depth, owner)
                except _DAMAGED as error:
                    if not platforms or getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
                        raise
                    budget.notes.append(f"{path.name}: {str(inside)!r} cannot be unpacked ({_why(error)})")
    except _DAMAGED as error:
        raise IngestError(f"{path.name}: damaged or protected zip ({_why(error)}); download it again") from error
    if student and not wanted:
        raise IngestError(f"{path.name}: there is no file in it")


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _wanted(
    archive: zipfile.ZipFile, path: Path, budget: Budget, student: str, platforms: bool
) -> list[tuple[zipfile.ZipInfo, PurePosixPath, str]]:
    """Return the entries to unpack, where to, and whose they are.

    Raises:
        IngestError: One leads out of the folder or is a link, and it is not a platform's download.
    """
    entries = []
    for info in archive.infolist():
        try:
            if not info.is_dir():
                entries.append((info, _inside(info, path)))
        except IngestError as error:
            if not platforms:
                raise
            budget.notes.append(f"{error} (left out)")
    if student:  # a zip that was added to holds one name twice, and the last one counts
        entries = [(info, inside) for inside, info in {inside: info for info, inside in entries}.items()]
    wrapped = len({inside.parts[0] for _, inside in entries}) == 1
    wanted = []
    for info, inside in entries:
        owner = student or (holder(inside.parts, wrapped) if platforms else "")
        if not any(map(is_clutter, inside.parts)) and budget.take(
            f"{path.name}: {inside}", info.file_size, info.compress_size, owner
        ):
            wanted.append((info, inside, owner))
        elif student and not any(map(is_clutter, inside.parts)):
            raise IngestError(f"{path.name} holds more than one student may hand in, or a bomb: {budget.notes.pop()}")
    return wanted


def _inside(info: zipfile.ZipInfo, path: Path) -> PurePosixPath:
    """Return where an entry belongs.

    Raises:
        IngestError: It leads out of the folder, lies in too many, or is a link or a device.
    """
    name = info.filename.replace("\\", "/")
    kind = stat.S_IFMT(info.external_attr >> 16)
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name) or "\0" in name or not parts:
        raise IngestError(f"{path.name}: {name!r} leads out of the folder; nothing was unpacked")
    if len(parts) > MAX_LEVELS:
        raise IngestError(
            f"{path.name}: {name[:40]!r}... lies more than {MAX_LEVELS} folders deep; nothing was unpacked"
        )
    if kind not in (0, stat.S_IFREG):
        raise IngestError(f"{path.name}: {name!r} is a link or a device; nothing was unpacked")
    return PurePosixPath(*(part.encode()[:MAX_PART].decode(errors="ignore") for part in parts))


def _unpack_entry(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, budget: Budget, depth: int, student: str
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(info) as source, target.open("xb") as file:  # reads no more than the size that was counted
        try:
            shutil.copyfileobj(source, file, 1 << 20)
        except BaseException:
            target.unlink()  # half a file would be graded as what was handed in
            raise
    if target.suffix.lower() == ".zip" and depth < MAX_DEPTH and zipfile.is_zipfile(target):
        _unpack_students(target, target, budget, depth + 1, student)
        target.unlink()


def _unpack_students(path: Path, target: Path, budget: Budget, depth: int, student: str) -> None:
    """Unpack a zip that a student handed in; a bad one costs its student and nobody else."""
    folder, total, spent = target.with_suffix(""), budget.total, dict(budget.spent)
    while folder.exists() or folder.is_symlink():  # never into what is there already
        folder = folder.with_name(f"{folder.name}-zip")
    try:
        unpack(path, folder, budget, depth, student or target.stem)
    except IngestError as error:
        shutil.rmtree(folder, ignore_errors=True)
        budget.total, budget.spent = total, spent
        budget.notes.append(f"{student or target.stem}: {error} (left out)")
