"""How does a release come into being? Staged, audited as a whole, then put in place; a refused one changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.converters.base import NbGraderException

from coursegrader.authoring.audit import audit, prove
from coursegrader.course.course import Course
from coursegrader.engine.workers import threads
from coursegrader.errors import CourseGraderError, ReleaseRefused
from coursegrader.files import temporary_folder
from coursegrader.grading.cache import Cache
from coursegrader.grading.gradebook.converters import alone, generate, refuse_changed_cells
from coursegrader.grading.gradebook.notebooks import follow_source
from coursegrader.model import Finding


def release(
    course: Course, name: str, jobs: int = 1, tell: Callable[[str], None] = lambda sentence: None
) -> list[Path]:
    """Generate the student version, audit it, and only then put it and the gradebook in place.

    Args:
        course: The course.
        name: Assignment.
        jobs: How many notebooks are proved at once.
        tell: Called with a sentence for each notebook that came or left after submissions.

    Returns:
        The files of the release, relative to its folder.

    Raises:
        ReleaseRefused: The audit found something; nothing was changed.
    """
    assignment = course.assignment(name)
    refuse_changed_cells(course, assignment)
    with temporary_folder("release") as staging:
        staged = generate(course, name, staging, database=False)
        refuse_findings(audit(assignment, staged))
        cache, seed = Cache(course.grading / "cache"), course.seed
        with threads(jobs) as pool:
            proofs = list(pool.map(lambda notebook: prove(notebook, seed, cache), assignment.notebooks.values()))
        refuse_findings([finding for findings in proofs for finding in findings])
        follow_source(course, assignment, tell)
        generate(course, name, staging / "again", database=True)
        target = course.step("release", "", name)
        _swap(staged, target)
    return sorted(path.relative_to(target) for path in target.rglob("*") if path.is_file())


def check_release(course: Course, name: str) -> list[str]:
    """Return the released files that differ from what the source generates now."""
    with temporary_folder("release") as staging:
        staged = generate(course, name, staging, database=False)
        target = course.step("release", "", name)
        files = {p.relative_to(root).as_posix() for root in (staged, target) for p in root.rglob("*") if p.is_file()}
        return sorted(file for file in files if not _same(staged / file, target / file))


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


class AuditedExporter(NotebookExporter):
    """The exporter of ``nbgrader generate_assignment``, which does not come into being for what the audit refuses.

    nbgrader makes its exporter before it removes the release that is there, and runs preprocessors after:
    only here does a refused release change nothing, be it from the command or from the formgrader's button.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        folders = self.parent.coursedir
        try:
            course = Course(Path(folders.root), self.parent.config)
            with temporary_folder("release") as staging:
                staged = generate(course, folders.assignment_id, staging, database=False)
                refuse_findings(audit(course.assignment(folders.assignment_id), staged))
        except CourseGraderError as error:
            self.parent.log.error(str(error))
            raise NbGraderException(str(error)) from error
        alone(self.parent, "nbgrader generate_assignment")


def refuse_findings(findings: list[Finding]) -> None:
    """Raise if there is any finding, with all of them in the text."""
    if findings:
        lines = "\n".join(f"  {finding.place}: {finding.detail} [{finding.code}]" for finding in findings)
        raise ReleaseRefused(f"the release is refused, nothing was changed:\n{lines}")


def _swap(staged: Path, target: Path) -> None:
    """Put a finished folder in the place of another; a crash in between leaves one of them whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming, outgoing = target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")
    for leftover in (incoming, outgoing):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(staged, incoming)
    if target.exists():
        target.rename(outgoing)
    incoming.rename(target)
    shutil.rmtree(outgoing, ignore_errors=True)
