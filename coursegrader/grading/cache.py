"""Was this computed before? Results by the content of everything they depend on."""

from __future__ import annotations

import gzip
import hashlib
import json
import platform
import zlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from coursegrader import __version__
from coursegrader.files import write_whole
from coursegrader.model import canonical


@cache
def environment() -> dict[str, str]:
    """Return the versions of everything that can change a result, and a hash of this package's own code."""
    found = {"python": platform.python_version(), "coursegrader": __version__}
    for name in ("torch", "numpy", "nbgrader", "nbclient", "ipykernel"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    sha = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        sha.update(path.read_bytes())
    return {**found, "code": sha.hexdigest()[:16]}


def content_key(**parts: Any) -> str:
    """Return the SHA-256 of named JSON parts and of the environment: equal keys mean equal results."""
    return hashlib.sha256(canonical({"environment": environment(), **parts})).hexdigest()


class Cache:
    """A folder of results, one compressed JSON file each; a half-written file cannot appear in it."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which need not exist yet."""
        self.folder = folder

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json.gz"

    def get(self, key: str) -> Any | None:
        """Return the data stored under a key, or None; a damaged file counts as absent."""
        try:
            return json.loads(gzip.decompress(self._path(key).read_bytes()))
        except (FileNotFoundError, EOFError, gzip.BadGzipFile, zlib.error, ValueError):
            return None

    def put(self, key: str, data: Any) -> None:
        """Store JSON data under a key, in one step."""
        write_whole(self._path(key), gzip.compress(json.dumps(data).encode(), compresslevel=1))
