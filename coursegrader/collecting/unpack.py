"""How is an archive unpacked that nobody vouches for? Under limits that are checked before a byte is written."""

from __future__ import annotations

import os
import re
import shutil
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.plugins import ExtractorPlugin

from coursegrader.errors import IngestError

MAX_FILE = 100 << 20
MAX_TOTAL = 4 << 30
MAX_COUNT = 50_000
#: A file that grows more than this when it is unpacked is a bomb; small files may be as regular as they like.
MAX_RATIO, RATIO_FROM = 100, 1 << 20
MAX_DEPTH = 2  # a student's zip inside the platform's zip
_JUNK = ("__MACOSX", ".DS_Store", ".ipynb_checkpoints", "__pycache__")


@dataclass
class Budget:
    """What was unpacked of one download so far, and what was left out.

    Attributes:
        total: Bytes.
        count: Files.
        notes: What was left out, in words.
    """

    total: int = 0
    count: int = 0
    notes: list[str] = field(default_factory=list)

    def take(self, name: str, size: int, packed: int) -> bool:
        """Count a file in; return False, with a note, if it alone is too large.

        Raises:
            IngestError: All files together are too many or too large.
        """
        if size > MAX_FILE:
            self.notes.append(f"{name} has {size >> 20} MB, more than {MAX_FILE >> 20}, and was left out")
            return False
        if size > RATIO_FROM and size > MAX_RATIO * max(packed, 1):
            self.notes.append(
                f"{name} grows {size // max(packed, 1)} times when unpacked, like a bomb, and was left out"
            )
            return False
        if self.total + size > MAX_TOTAL or self.count + 1 > MAX_COUNT:
            raise IngestError(
                f"more than {MAX_TOTAL >> 30} GB or {MAX_COUNT} files; collect the download in several parts"
            )
        self.total += size
        self.count += 1
        return True


class SafeExtractor(ExtractorPlugin):
    """Unpacks downloads for ``nbgrader zip_collect``: no links, no way out of the folder, no bombs."""

    def __init__(self, **kwargs: Any) -> None:
        """Prepare; what is left out is noted."""
        super().__init__(**kwargs)
        self.notes: list[str] = []

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack or copy everything in the archive folder."""
        budget = Budget(notes=self.notes)
        for folder, _, files in os.walk(archive_path):
            for name in sorted(files):
                path = Path(folder) / name
                target = Path(extracted_path) / path.relative_to(archive_path)
                target.parent.mkdir(parents=True, exist_ok=True)
                if path.suffix.lower() != ".zip" or not zipfile.is_zipfile(path):
                    shutil.copyfile(path, target)
                elif Path(folder) == Path(archive_path):
                    unpack(path, target.parent, budget)
                else:
                    _unpack_students(path, target, budget, 2)
        for note in budget.notes:
            self.log.warning("%s", note)


def unpack(path: Path, folder: Path, budget: Budget | None = None, depth: int = 1) -> None:
    """Unpack a zip, and the zips of students in it, into a folder.

    Raises:
        IngestError: It is damaged, leads out of the folder or breaks a limit; nothing leaves the folder.
    """
    budget = budget or Budget()
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [(info, _inside(info, path)) for info in archive.infolist() if not info.is_dir()]
            wanted = [
                (info, inside)
                for info, inside in entries
                if not is_junk(inside.parts)
                and budget.take(f"{path.name}: {inside}", info.file_size, info.compress_size)
            ]
            for info, inside in wanted:
                _unpack_entry(archive, info, folder / inside, budget, depth)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise IngestError(f"{path.name}: damaged or protected zip ({error}); download it again") from error


def _inside(info: zipfile.ZipInfo, path: Path) -> PurePosixPath:
    """Return where an entry belongs.

    Raises:
        IngestError: It leads out of the folder, or is a link or a device.
    """
    name = info.filename.replace("\\", "/")
    kind = stat.S_IFMT(info.external_attr >> 16)
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name) or "\0" in name or not parts:
        raise IngestError(f"{path.name}: {name!r} leads out of the folder; nothing was unpacked")
    if kind not in (0, stat.S_IFREG):
        raise IngestError(f"{path.name}: {name!r} is a link or a device; nothing was unpacked")
    return PurePosixPath(*(part[:200] for part in parts))


def _unpack_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, budget: Budget, depth: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(info) as source, target.open("xb") as file:  # reads no more than the size that was counted
        shutil.copyfileobj(source, file, 1 << 20)
    if target.suffix.lower() == ".zip" and depth < MAX_DEPTH and zipfile.is_zipfile(target):
        _unpack_students(target, target, budget, depth + 1)
        target.unlink()


def _unpack_students(path: Path, target: Path, budget: Budget, depth: int) -> None:
    """Unpack a zip that a student handed in; a bad one costs its student and nobody else."""
    folder, total, count = target.with_suffix(""), budget.total, budget.count
    try:
        unpack(path, folder, budget, depth)
    except IngestError as error:
        shutil.rmtree(folder, ignore_errors=True)
        budget.total, budget.count = total, count
        budget.notes.append(f"{error} (left out)")


def is_junk(parts: tuple[str, ...]) -> bool:
    """Tell whether a path is what systems and tools leave behind."""
    return any(part in _JUNK or part.startswith("._") for part in parts)
