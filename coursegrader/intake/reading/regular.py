"""How is a file that somebody handed in read, without following or believing it?"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from coursegrader.errors import IngestError

_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


def read_regular(path: Path, limit: int) -> bytes:
    """Read a regular file without following links.

    Raises:
        IngestError: It is a link, a directory or a special file, it is too large, or it cannot be read.
    """
    with os.fdopen(open_regular(path, limit), "rb") as file:
        return file.read(os.fstat(file.fileno()).st_size)  # as large as it was when it was opened, and no larger


def open_regular(path: Path, limit: int) -> int:
    """Open a regular file and return its descriptor; see :func:`read_regular`."""
    name = printable(path.name)
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise IngestError(f"{name} is a symbolic link: hand in the file itself")
        if not stat.S_ISREG(status.st_mode):
            raise IngestError(f"{name} is a directory or a special file: hand in the file itself")
        if status.st_size > limit:
            raise IngestError(f"{name} has {status.st_size >> 20} MB, more than the {limit >> 20} MB that are read")
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise IngestError(f"{name} cannot be read: {error.strerror}") from error


def printable(name: str) -> str:
    """Return a name that can be written anywhere: in UTF-8, without signs that steer a terminal or turn the line."""
    return "".join(sign if sign.isprintable() else _UNPRINTABLE for sign in name.encode("utf-8", "replace").decode())
