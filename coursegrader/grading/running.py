"""What came of running one handed-in notebook?

Bytes in, plain data out: it may happen in any process and on any machine.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from coursegrader.course.course import Notebook
from coursegrader.engine.execute import run_notebook
from coursegrader.errors import IngestError
from coursegrader.grading.cache import Cache, content_key, environment
from coursegrader.grading.reference import execution, staged
from coursegrader.intake.reading.cells import parse
from coursegrader.intake.reading.regular import printable
from coursegrader.intake.repair import rebuild
from coursegrader.intake.static import flagged_files
from coursegrader.intake.submission import TIMESTAMP
from coursegrader.model import Data, Finding, NotebookRun, canonical, restored


class SubmissionRun(Data):
    """A finished run with what was repaired on the way; plain data.

    Attributes:
        key: Content address of everything the run depends on.
        run: What came of running the notebook, or None if it could not be read.
        findings: Repairs and flags.
        problem: Why there is no run, in words.
        submission_hash: SHA-256 of the handed-in file.
        seed: Seed of the hidden inputs.
        parts: Short hashes of what the key is made of.
    """

    key: str
    run: NotebookRun | None
    findings: list[Finding] = msgspec.field(default_factory=list)
    problem: str = ""
    submission_hash: str = ""
    seed: str = ""
    parts: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def accidental(self) -> bool:
        """Whether another try may end otherwise although nothing has changed."""
        return self.run is not None and self.run.accidental


def recall(cache: Cache, key: str, accidents: bool = False) -> SubmissionRun | None:
    """Return a run that was kept; None if there is none, or if what is there is no run.

    Args:
        cache: Where runs are kept.
        key: Content address.
        accidents: Whether a run may be taken that would perhaps not end like that again.
    """
    return restored(SubmissionRun, cache.get(key, accidents))


def submission_parts(raw: bytes, files: dict[str, bytes], execution: dict[str, Any]) -> dict[str, Any]:
    """Return everything that a run depends on; what only judges, and when it was handed in, is not in it."""
    return {
        "answer": hashlib.sha256(raw).hexdigest(),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items()) if name != TIMESTAMP},
        **execution,
    }


def submission_key(raw: bytes, files: dict[str, bytes], execution: dict[str, Any]) -> str:
    """Return the content address of a run: handed-in bytes, instructor's side and seed, environment."""
    return content_key(kind="submission", **submission_parts(raw, files, execution))


def run_submission(notebook: Notebook, raw: bytes, files: dict[str, bytes], seed: str) -> SubmissionRun:
    """Read, rebuild and run one handed-in notebook.

    Args:
        notebook: The instructor's side.
        raw: The file as handed in.
        files: The submission's side files by relative path.
        seed: Seed of the hidden inputs.

    Raises:
        NoBoxError: Student code cannot be locked up on this machine.
    """
    side = execution(notebook, seed)
    key, digest = submission_key(raw, files, side), hashlib.sha256(raw).hexdigest()
    try:
        cells, findings = parse(raw, f"{notebook.name}.ipynb")
    except IngestError as error:
        return SubmissionRun(key, None, problem=str(error), submission_hash=digest, seed=seed)
    nb, more = rebuild(notebook, cells)
    with staged(notebook.assignment, files) as folder:
        run = run_notebook(notebook, nb, files=folder, seed=seed)
    parts = {**submission_parts(raw, files, side), "environment": environment()}
    short = {name: hashlib.sha256(canonical(part)).hexdigest()[:16] for name, part in parts.items()}
    return SubmissionRun(
        key, run, findings + more + flagged_files(files), submission_hash=digest, seed=seed, parts=short
    )


#: Ends of code that somebody should look at: a larger limit, or another machine, might give another result.
CUT_SHORT = ("timeout", "cpu_limit", "memory_limit", "not_run")


def cut_short(name: str, run: NotebookRun | None) -> str:
    """Say in words which cells of a notebook were stopped at a limit of time or memory; empty if none was."""
    ends = dict(run.others) if run else {}
    for grade_id, cell in run.cells.items() if run else ():
        ends[grade_id] = cell.visible if cell.visible in CUT_SHORT else cell.verdict
    parts = [
        f"{', '.join(cells)} ended with {word}"
        for word in CUT_SHORT
        if (cells := [printable(cell) for cell, end in ends.items() if end == word])
    ]
    return f"{name}: {'; '.join(parts)}" if parts else ""
