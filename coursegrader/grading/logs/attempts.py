"""How often has a student's work been graded on arrival, and what does the student's page say about it?"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from coursegrader.course.course import Course
from coursegrader.files import write_whole
from coursegrader.model import Grading

FILE_NAME = "attempts.json"


@dataclass
class Attempts:
    """What was graded on arrival of one student's hand-ins, in the file that is kept beside the log.

    Attributes:
        graded: Digest and time of every hand-in that was graded.
        refused: Digest of one that came when there were no attempts left, or empty.
        notice: What the student has to know of a later hand-in that is not on the page, or empty.
        count: Which attempt the page is about, or empty.
        about: Digest of the grading that both sentences are about.
    """

    graded: list[tuple[str, float]] = field(default_factory=list)
    refused: str = ""
    notice: str = ""
    count: str = ""
    about: str = ""

    @classmethod
    def read(cls, folder: Path) -> Attempts:
        """Read the record in a folder; one that is not there or damaged counts as none."""
        try:
            data = json.loads((folder / FILE_NAME).read_text("utf-8"))
            graded = [(str(digest), float(when)) for digest, when in data["graded"]]
            said = {name: str(data.get(name, "")) for name in ("refused", "notice", "count", "about")}
            return cls(graded, **said)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
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


def folder_of(course: Course, student: str, assignment: str) -> Path:
    """Return the folder in which a student's record is kept."""
    return course.grading / student / assignment


def told(course: Course, grading: Grading | None) -> Attempts:
    """Return the record with the sentences that hold for a grading; what was said of another one is left out."""
    if grading is None:
        return Attempts()
    record = Attempts.read(folder_of(course, grading.student, grading.assignment))
    if record.about != digest_of(grading):
        record.notice = record.count = ""
    return record


def digest_of(grading: Grading) -> str:
    """Return the digest of the files that a grading is about."""
    files = [[notebook.name, notebook.submission_hash] for notebook in grading.notebooks]
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()[:32]
