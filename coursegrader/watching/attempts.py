"""How often has a student handed in, and may this be graded now?"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from coursegrader.errors import IngestError
from coursegrader.files import is_clutter, write_whole
from coursegrader.intake.submission import read_regular
from coursegrader.watching.arrivals import MAX_PATHS

FILE_NAME = "attempts.json"
_LARGE = 64 << 20  # bytes of a file from which on its size stands for it


@dataclass
class Attempts:
    """What the watcher has graded of one student's hand-ins, in the file that it keeps beside the log.

    Attributes:
        graded: Digest and time of every hand-in that was graded.
        refused: Digest of one that came when there were no attempts left, or empty.
    """

    graded: list[tuple[str, float]] = field(default_factory=list)
    refused: str = ""

    @classmethod
    def read(cls, folder: Path) -> Attempts:
        """Read the record in a folder; one that is not there or damaged counts as none."""
        try:
            data = json.loads((folder / FILE_NAME).read_text("utf-8"))
            return cls([(str(digest), float(when)) for digest, when in data["graded"]], str(data["refused"]))
        except (OSError, ValueError, TypeError, KeyError):
            return cls()

    def write(self, folder: Path) -> None:
        """Write the record, whole or not at all."""
        write_whole(folder / FILE_NAME, json.dumps(asdict(self)).encode() + b"\n")

    @property
    def last(self) -> str:
        """Digest of the hand-in that was graded last, or empty."""
        return self.graded[-1][0] if self.graded else ""

    def wait(self, cool_down: float, now: float | None = None) -> float:
        """Return the seconds until the next hand-in may be graded."""
        now = time.time() if now is None else now
        return max(0.0, self.graded[-1][1] + cool_down - now) if self.graded else 0.0


def content(folder: Path) -> str:
    """Return the digest of everything handed in, but for what editors leave behind."""
    sha = hashlib.sha256()
    paths = [path for path in sorted(folder.rglob("*")) if not any(map(is_clutter, path.relative_to(folder).parts))]
    for path in paths[:MAX_PATHS]:
        if path.is_dir() and not path.is_symlink():
            continue
        try:
            body = hashlib.sha256(read_regular(path, _LARGE)).hexdigest()
        except IngestError:
            body = f"unread {path.lstat().st_size}"
        sha.update(f"{path.relative_to(folder)}\0{body}\n".encode("utf-8", "surrogateescape"))
    return sha.hexdigest()[:32]
