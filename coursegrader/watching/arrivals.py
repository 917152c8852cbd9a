"""What has arrived whole, and in which order?

Who copies, unpacks or downloads needs a while: what still grows, or is cut off in the middle, is waited for.
However much lies there, only so much of it is looked at, and no link is followed.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
import zipfile
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from coursegrader.errors import IngestError
from coursegrader.files import is_clutter
from coursegrader.intake.reading.regular import open_regular, read_regular
from coursegrader.intake.submission import MAX_PATHS

MAX_DOWNLOAD = 100_000  # files and folders of a download that are looked at
#: Endings under which browsers and upload tools keep what is not there yet.
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".swp")
_LARGE = 64 << 20  # bytes of a file from which on its size stands for it
_READ = 256 << 20  # bytes of a hand-in that are read to tell whether it is another one


@dataclass(frozen=True)
class Mark:
    """How something that was handed in looks from outside: who sees the same mark again sees the same files.

    Attributes:
        digest: Of path, size and time of the last change of every file.
        files: How many there are.
        changed: When the last of them came or changed, in nanoseconds; the file system says so, not the student.
        cut: Whether there is more than is looked at.
    """

    digest: str
    files: int
    changed: int
    cut: bool = False


def entries(path: Path, most: int = MAX_PATHS) -> tuple[list[tuple[str, os.stat_result]], bool]:
    """Look at a file, or at what is in a folder, level by level, without following links or reading anything.

    Returns:
        Relative path and status of the path itself and of so many files and folders in it, those at the top first,
        and whether there are more; what systems and tools leave behind is not among them.
    """
    try:
        found = [("", path.lstat())]
    except OSError:
        return [], False  # it went away while we looked
    if not stat.S_ISDIR(found[0][1].st_mode):
        return found, False
    waiting, left = deque([""]), most
    while waiting:
        inside = waiting.popleft()
        try:
            with os.scandir(path / inside) as listing:
                for entry in islice(listing, left + 1):
                    left -= 1
                    if left < 0:
                        return found, True
                    if is_clutter(entry.name):
                        continue
                    name, status = os.path.join(inside, entry.name), entry.stat(follow_symlinks=False)
                    found.append((name, status))
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(name)
        except OSError:
            continue  # it went away, or its path is too long to be opened
    return found, False


def mark(path: Path, most: int = MAX_PATHS) -> Mark:
    """Look at a file, or at everything in a folder, without following links."""
    found, cut = entries(path, most)
    files = sorted(
        (os.fsencode(name), status.st_size, status.st_ctime_ns)
        for name, status in found
        if not stat.S_ISDIR(status.st_mode)
    )
    changed = max((status.st_ctime_ns for _, status in found), default=0)
    return Mark(hashlib.sha256(repr(files).encode()).hexdigest()[:32], len(files), changed, cut)


def is_whole(path: Path, most: int = MAX_PATHS) -> bool:
    """Tell whether notebooks, archives and names look like those of finished uploads."""
    found, _ = entries(path, most)
    return all(_is_whole_file(path / name) for name, status in found if stat.S_ISREG(status.st_mode))


def _is_whole_file(path: Path) -> bool:
    if path.name.lower().endswith(_UNFINISHED):
        return False
    try:
        if path.suffix.lower() == ".zip":
            return zipfile.is_zipfile(path)
        if path.suffix.lower() == ".ipynb":
            with os.fdopen(open_regular(path, 1 << 62), "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 100))
                return file.read(100).rstrip().endswith(b"}")
    except (OSError, IngestError):
        return False
    return True


def content(folder: Path) -> str:
    """Return the digest of what was handed in: notebooks first, and of files beyond what is read only their sizes."""
    found, _ = entries(folder)
    files = [(name, status.st_size) for name, status in found if not stat.S_ISDIR(status.st_mode)]
    sha, left = hashlib.sha256(), _READ
    for name, size in sorted(files, key=lambda file: (not file[0].endswith(".ipynb"), os.fsencode(file[0]))):
        try:
            data = read_regular(folder / name, min(_LARGE, left))
            left -= len(data)
            body = hashlib.sha256(data).hexdigest()
        except IngestError:
            body = f"unread {size}"
        sha.update(os.fsencode(f"{name}\0{body}\n"))
    return sha.hexdigest()[:32]


class Arrivals:
    """Remembers since when each thing looks as it does, and which have been dealt with."""

    def __init__(
        self,
        settle: float,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        most: int = MAX_PATHS,
    ) -> None:
        """Wait ``settle`` seconds for what looks whole and ``patience`` for what does not; look at so many files."""
        self.settle, self.patience, self.most, self._clock, self._now = settle, patience, most, clock, now
        self._since: dict[str, tuple[Mark, float]] = {}
        self._done: dict[str, Mark] = {}
        self.next = float("inf")  # seconds until something may have come to rest

    def ready(self, paths: Mapping[str, Path]) -> list[tuple[str, Mark]]:
        """Return what is new and has come to rest, what came first at the front.

        Args:
            paths: Where to look, by name.
        """
        found, self.next = [], float("inf")
        for name, path in paths.items():
            seen = mark(path, self.most)
            if not seen.files or self._done.get(name) == seen:
                continue
            if self._since.get(name, (None,))[0] != seen:
                age = max(0.0, self._now() - seen.changed / 1e9)  # it may have lain there before we came
                self._since[name] = (seen, self._clock() - age)
            rested = self._clock() - self._since[name][1]
            left = self.settle - rested
            if left <= 0 and not is_whole(path, self.most):
                left = self.patience - rested
            if left <= 0:
                found.append((name, seen))
            else:
                self.next = min(self.next, left)
        return sorted(found, key=lambda pair: (pair[1].changed, pair[0]))

    def done(self, name: str, seen: Mark) -> None:
        """Do not return this again until it looks otherwise."""
        self._done[name] = seen
        self._since.pop(name, None)
