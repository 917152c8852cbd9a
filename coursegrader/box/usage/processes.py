"""What does the system tell about the processes of a box?

Readers of ``/proc``; a process that ends while one looks counts as one that uses nothing.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

from coursegrader.box.usage.clock import Process
from coursegrader.box.usage.memory import Pages

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_READY = "RD"  # running, or waiting for a processor; waiting for a disk
_LONGEST_PATH = 3000  # the system takes 4096 bytes
_LONGEST_TREE = 500 * _LONGEST_PATH


class Seen(NamedTuple):
    """One look at a process."""

    started: int
    time: Process
    pages: Pages


def processes_here() -> list[int]:
    """List every process of this pid namespace but its first, which is the watchdog."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]


def descendants(process: int, generations: int = 1 << 30) -> list[int]:
    """List the children of a process, their children, and so on."""
    found: list[int] = []
    parents = [process]
    while parents and generations > 0:
        parents = [child for parent in parents for child in _children(parent)]
        found += parents
        generations -= 1
    return found


def _children(process: int) -> list[int]:
    children: list[int] = []
    with contextlib.suppress(OSError):  # it ended while we looked
        for task in os.listdir(f"/proc/{process}/task"):
            children += map(int, read(f"/proc/{process}/task/{task}/children").split())
    return children


def read(path: str) -> str:
    """Return the text of a file."""
    return Path(path).read_text()


def look(process: int) -> Seen | None:
    """Look at a process; None if it has ended."""
    try:
        fields = read(f"/proc/{process}/stat").rpartition(")")[2].split()
    except OSError:
        return None
    own, waited = (sum(map(int, fields[first : first + 2])) / _TICKS for first in (11, 13))
    ready = fields[0] in _READY or (int(fields[17]) > 1 and _has_ready_thread(process))
    size = _kilobytes(f"/proc/{process}/status", ("RssAnon:", "VmSwap:", "VmPTE:"))
    return Seen(int(fields[19]), Process(own, waited, ready), Pages(size, int(fields[7])))


def _has_ready_thread(process: int) -> bool:
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{process}/task"):
            with contextlib.suppress(OSError):
                if read(f"/proc/{process}/task/{task}/stat").rpartition(")")[2].split()[0] in _READY:
                    return True
    return False


def _kilobytes(path: str, names: tuple[str, ...]) -> int:
    """Sum fields of a ``/proc`` file that are given in kB, in bytes; 0 for a process that has ended or hides."""
    try:
        lines = read(path).splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(names))


def proportional(process: int) -> int:
    """Return the bytes of a process, a page that n processes share as an n-th; all in full where it hides its pages."""
    tables = _kilobytes(f"/proc/{process}/status", ("VmPTE:",))
    shared_once = _kilobytes(f"/proc/{process}/smaps_rollup", ("Pss_Anon:", "SwapPss:"))
    return tables + (shared_once or _kilobytes(f"/proc/{process}/status", ("RssAnon:", "VmSwap:")))


def used(folder: str) -> int:
    """Return the bytes that lie in a file system."""
    status = os.statvfs(folder)
    return (status.f_blocks - status.f_bfree) * status.f_frsize


class Tree(NamedTuple):
    """What lies in a folder: bytes, and files and folders."""

    size: int
    number: int


def measure_tree(folder: str, most: int) -> Tree:
    """Measure a tree, however deep it is.

    Args:
        folder: Where it begins.
        most: Files and folders after which it is large enough to stop.
    """
    size = number = length = 0
    with contextlib.ExitStack() as opened:
        anchor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        opened.callback(os.close, anchor)
        places = [(anchor, ".")]
        while places and number <= most and length < _LONGEST_TREE:
            anchor, path = places.pop()
            with contextlib.suppress(OSError):  # it was removed while we looked
                here = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=anchor)
                if len(path) > _LONGEST_PATH:  # what lies further down is reached from here
                    opened.callback(os.close, here)
                    length += len(path)
                    anchor, path = here, "."
                folders, more, bytes_here = _entries(here)
                size, number = size + bytes_here, number + more
                places += [(anchor, f"{path}/{name}") for name in folders]
                if anchor != here:
                    os.close(here)
    return Tree(size, number if length < _LONGEST_TREE else most + 1)


def _entries(folder: int) -> tuple[list[str], int, int]:
    """Return the folders in an open folder, the number of all that is in it, and its bytes."""
    folders, number, size = [], 0, 0
    with os.scandir(folder) as entries:
        for entry in entries:
            number += 1
            with contextlib.suppress(OSError):  # it was removed while we looked
                size += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
    return folders, number, size


def out_of_memory_kills() -> int:
    """Count the processes that the system has ended to get memory, ever."""
    lines = read("/proc/vmstat").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
