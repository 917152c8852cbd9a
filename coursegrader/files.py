"""How does a file get onto the disk whole or not at all, by one process at a time, and what is said if it does not?"""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import psutil

from coursegrader.errors import CourseBusy, LogError

#: File in a course's grading folder that whoever changes the course holds.
LOCK = "lock"
#: Who takes a lock again and again, each time for a moment: others wait for their turn.
FOR_MOMENTS = "coursegrader watch"
PATIENCE = 600.0  # seconds for which they do

#: What systems and tools leave behind in folders and archives; nobody meant to hand it in.
_CLUTTER = frozenset({".DS_Store", ".git", ".ipynb_checkpoints", "__MACOSX", "__pycache__"})


def is_clutter(name: str) -> bool:
    """Tell whether a file or folder of that name is what systems and tools leave behind."""
    return name in _CLUTTER or name.startswith("._")


def write_whole(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a file in one step: who reads it meanwhile, or after a crash, finds the old one or the new one.

    Args:
        path: The file; its folder is made.
        data: Everything that will be in it.
        mode: Its permissions, or None for the usual ones.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    # named by process and thread: two that write the same file never write into one temporary file
    temporary = path.with_name(f".{path.name[:200]}.{os.getpid()}.{threading.get_ident()}")
    try:
        temporary.write_bytes(data)
        if mode is not None:
            temporary.chmod(mode)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _sweep(path: Path) -> None:
    """Remove what processes that were killed while they wrote this file have left beside it."""
    for left in path.parent.glob(glob.escape(f".{path.name[:200]}.") + "*.*"):
        process = left.name.split(".")[-2]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            left.unlink(missing_ok=True)


def kept_secret(path: Path, size: int) -> str:
    """Return the text kept in a file; a random one is made on first use, whole or not at all.

    Raises:
        LogError: The file is empty.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(size) + "\n")
        with suppress(FileExistsError):  # another process was first, and both use its secret
            os.link(temporary, path)
        os.unlink(temporary)
    text = path.read_text("utf-8", "replace").strip()
    if not text:
        raise LogError(f"{path}: is empty; restore it, or delete it and grade everything anew")
    return text


@contextmanager
def only_one(path: Path, what: str) -> Iterator[None]:
    """Hold a lock while something is done that nobody else may do in this course; it goes with the process.

    Args:
        path: File that is locked; it is made.
        what: What is done, for whoever comes second.

    Raises:
        CourseBusy: Somebody else holds it, and not only for a moment.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _take(descriptor)
        os.ftruncate(descriptor, 0)
        with suppress(OSError):  # on a full disk the lock holds, too
            os.pwrite(descriptor, f"{what} (process {os.getpid()}, since {datetime.now():%H:%M})\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    """Lock an open file; who holds it only for moments is waited for."""
    since = time.monotonic()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            other = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip() or "another process"
            if not other.startswith(FOR_MOMENTS) or time.monotonic() - since > PATIENCE:
                raise CourseBusy(
                    f"{other} works on this course; nothing was changed: wait for it, or end it"
                ) from error
        time.sleep(0.02)


@contextmanager
def temporary_folder(purpose: str) -> Iterator[Path]:
    """Provide a folder that is gone afterwards; what a killed process has left of its own, the next one removes.

    Args:
        purpose: A word for its name.
    """
    prefix = f"coursegrader-{purpose}-"
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with suppress(OSError), _held(left):
            shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f".{prefix}"))
    with _held(made):
        folder = made.rename(made.with_name(made.name[1:]))  # held before anybody can take it for left behind
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder of ours until the end, which comes with that of this process at the latest.

    Raises:
        OSError: Somebody else holds it, or it is somebody else's.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "another user's", str(folder))
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


_NEXT_STEP = {
    errno.ENOSPC: "make room on this disk; the same command goes on from here",
    errno.EDQUOT: "make room in your quota; the same command goes on from here",
    errno.EFBIG: "make room, or raise the largest size of a file (ulimit -f); the same command goes on from here",
    errno.EACCES: "make it yours to read and write (ls -l shows whose it is), then run the same command",
    errno.EPERM: "make it yours to read and write (ls -l shows whose it is), then run the same command",
    errno.EROFS: "make the disk writable, or work on a copy of the course, then run the same command",
    errno.EIO: "look after the disk, then run the same command",
    errno.EPIPE: "nobody reads to the end what is printed; what was done is kept",
}


def in_words(error: BaseException) -> str:
    """Return place, cause and next step of a fault of the machine that stopped a command, whatever it was wrapped in."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            place = f"{cause.filename}: " if cause.filename else ""
            step = _NEXT_STEP.get(cause.errno or 0, "mend or move away what is there, then run the same command")
            return f"{place}{cause.strerror}; {step}"
        if type(cause).__module__.startswith(("sqlalchemy", "sqlite3", "psycopg")):
            reason = next(iter(str(getattr(cause, "orig", None) or cause).strip().splitlines()), type(cause).__name__)
            return f"the gradebook cannot be used ({reason}); start or restore the database, then run the same command"
        if type(cause).__module__.startswith("traitlets"):
            return f"nbgrader_config.py: {str(cause).rstrip('.')}; mend it and try again"
        cause = cause.__cause__ or cause.__context__
    return (
        f"{type(error).__name__}: {error}; this is a mistake of the program: "
        "run it again with --debug before the command and report what it says"
    )
