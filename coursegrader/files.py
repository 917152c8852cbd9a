"""How does a file get onto the disk whole or not at all?"""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from coursegrader.errors import LogError


def write_whole(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a file in one step: who reads it meanwhile, or after a crash, finds the old one or the new one.

    Args:
        path: The file; its folder is made.
        data: Everything that will be in it.
        mode: Its permissions, or None for the usual ones.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
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
