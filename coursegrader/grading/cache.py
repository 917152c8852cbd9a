"""Was this computed before? Results by the content of everything they depend on."""

from __future__ import annotations

import gzip
import hashlib
import json
import platform
import re
import sys
import zlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from coursegrader import __version__
from coursegrader.course.course import Assignment, Notebook
from coursegrader.files import write_whole
from coursegrader.model import canonical


@cache
def environment() -> dict[str, str]:
    """Return the versions of everything that can change a result, and a hash of this package's own code."""
    found = {"python": platform.python_version(), "coursegrader": __version__}
    found |= {name: _version(name) for name in ("numpy", "matplotlib", "nbgrader", "nbclient", "ipython")}
    return {**found, "code": code_of(Path(__file__).parents[1])}


def code_of(package: Path) -> str:
    """Return a hash of all code of a package and of where in it that stands."""
    sha = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):  # of all rooms
        sha.update(path.relative_to(package).as_posix().encode())
        sha.update(hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()[:16]


def libraries(notebook: Notebook) -> dict[str, str]:
    """Return the installed versions of what a notebook imports and of what its assignment asks for."""
    return installed({*notebook.imported, *_required(notebook.assignment.folder / "requirements.txt")})


def _required(requirements: Path) -> set[str]:
    try:
        lines = requirements.read_text("utf-8").splitlines()
    except OSError:
        return set()
    return {found.group().lower() for line in lines if (found := re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line))}


def versions(assignment: Assignment) -> dict[str, str]:
    """Return the versions of everything that can change a result of an assignment."""
    found = [libraries(notebook) for notebook in assignment.notebooks.values()]
    return {name: version for part in [*found, environment()] for name, version in part.items()}


def installed(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of modules and distributions by name, without what comes with Python or with us."""
    ours = {*sys.stdlib_module_names, "coursegrader"}
    return {name: _version_of_module(name) for name in sorted({*names} - ours)}


@cache
def _version_of_module(name: str) -> str:
    if (found := _version(name)) != "absent" or find_spec(name) is None:
        return found
    named = packages_distributions().get(name, [])  # takes a second: only for who is installed under another name
    return ", ".join(f"{other} {_version(other)}" for other in sorted(set(named))) or "unversioned"


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def content_key(**parts: Any) -> str:
    """Return the SHA-256 of named JSON parts and of the environment: equal keys mean equal results."""
    return hashlib.sha256(canonical({"environment": environment(), **parts})).hexdigest()


def short_hash(data: bytes) -> str:
    """Return enough of a SHA-256 to tell whether something has changed."""
    return hashlib.sha256(data).hexdigest()[:16]


class Cache:
    """A folder of results, one compressed JSON file each; a half-written file cannot appear in it."""

    def __init__(self, folder: Path, fresh: bool = False) -> None:
        """Use a folder, which need not exist yet.

        Args:
            folder: Where the files are.
            fresh: Whether to take nothing from it but what this object has stored itself.
        """
        self.folder, self.fresh = folder, fresh
        self._own: set[str] = set()

    def _path(self, key: str, accident: bool = False) -> Path:
        return self.folder / ("accidents" if accident else key[:2]) / f"{key}.json.gz"

    def get(self, key: str, accidents: bool = False) -> Any | None:
        """Return the data stored under a key, or None; a file that is damaged or cannot be read counts as absent.

        Args:
            key: Content address.
            accidents: Whether the data may be of a run that would perhaps not end like that again.
        """
        if self.fresh and key not in self._own:
            return None
        for accident in (False, True)[: 1 + accidents]:
            try:
                return json.loads(gzip.decompress(self._path(key, accident).read_bytes()))
            except (OSError, EOFError, zlib.error, ValueError, RecursionError):
                continue
        return None

    def has(self, key: str) -> bool:
        """Tell whether data would be looked for under a key, without reading it; an accident does not count."""
        return (not self.fresh or key in self._own) and self._path(key).exists()

    def put(self, key: str, data: Any, accident: bool = False) -> None:
        """Store JSON data under a key, in one step.

        An accident is kept where only a re-judging, which must not run anything, looks for it.
        """
        if not accident:
            self._own.add(key)
        write_whole(self._path(key, accident), gzip.compress(json.dumps(data).encode(), compresslevel=1))
