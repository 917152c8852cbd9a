"""What has arrived whole, and in which order?

Who copies, unpacks or downloads needs a while: what still grows, or is cut off in the middle, is waited for.
"""

from __future__ import annotations

import os
import stat
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

MAX_PATHS = 5000  # files of one hand-in that are looked at
#: Endings under which browsers and upload tools keep what is not there yet.
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".swp")


@dataclass(frozen=True)
class Mark:
    """How something that was handed in looks from outside: who sees the same mark again sees the same files.

    Attributes:
        files: Path, size and time of the last change of every file.
        changed: When the last of them came or changed, in nanoseconds; the file system says so, not the student.
    """

    files: tuple[tuple[str, int, int], ...]
    changed: int


def mark(path: Path) -> Mark:
    """Look at a file, or at everything in a folder, without following links."""
    walked = (Path(top) / name for top, folders, names in os.walk(path) for name in (*names, *folders))
    files, changed = [], 0
    for entry in [path, *islice(walked, MAX_PATHS)]:
        try:
            status = entry.lstat()
        except OSError:
            continue  # it went away while we looked
        changed = max(changed, status.st_ctime_ns)
        if not stat.S_ISDIR(status.st_mode):
            files.append((str(entry.relative_to(path)), status.st_size, status.st_ctime_ns))
    return Mark(tuple(sorted(files)), changed)


def is_whole(path: Path) -> bool:
    """Tell whether notebooks, archives and names look like those of finished uploads."""
    files = [path] if path.is_file() else [p for p in islice(path.rglob("*"), MAX_PATHS) if p.is_file()]
    return all(_is_whole_file(file) for file in files if not file.is_symlink())


def _is_whole_file(path: Path) -> bool:
    if path.name.lower().endswith(_UNFINISHED):
        return False
    try:
        if path.suffix.lower() == ".zip":
            return zipfile.is_zipfile(path)
        if path.suffix.lower() == ".ipynb":
            with path.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 100))
                return file.read(100).rstrip().endswith(b"}")
    except OSError:
        return False
    return True


class Arrivals:
    """Remembers since when each thing looks as it does, and which have been dealt with."""

    def __init__(
        self,
        settle: float,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Wait ``settle`` seconds for what looks whole and ``patience`` for what does not."""
        self.settle, self.patience, self._clock, self._now = settle, patience, clock, now
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
            seen = mark(path)
            if not seen.files or self._done.get(name) == seen:
                continue
            if self._since.get(name, (None,))[0] != seen:
                age = max(0.0, self._now() - seen.changed / 1e9)  # it may have lain there before we came
                self._since[name] = (seen, self._clock() - age)
            rested = self._clock() - self._since[name][1]
            left = self.settle - rested
            if left <= 0 and not is_whole(path):
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
