"""How do submissions and the roster get in? Downloads of Gradescope, Canvas and Moodle through nbgrader's ``zip_collect``.

:class:`~coursegrader.plugins.SafeExtractor` unpacks under limits, :class:`~coursegrader.plugins.LmsCollector` tells whose
each file is. Both also work as plugins of plain ``nbgrader zip_collect``.
"""

from __future__ import annotations

import contextlib
import copy
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.apps.zipcollectapp import ZipCollectApp
from nbgrader.coursedir import CourseDirectory

from coursegrader.course.course import Course
from coursegrader.errors import CourseError
from coursegrader.files import is_clutter, temporary_folder
from coursegrader.intake.collecting.owners import LmsCollector
from coursegrader.intake.collecting.unpack import Budget, SafeExtractor, holder


@dataclass
class Collected:
    """What was collected.

    Attributes:
        students: Number of files by student.
        notes: What the instructor should know.
    """

    students: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def collect(course: Course, name: str, source: Path, *, force: bool = False) -> Collected:
    """Collect a download of a learning platform into ``submitted/``.

    Args:
        course: The course.
        name: Assignment.
        source: Zip file, or folder with downloads or with one folder a student.
        force: Replace what a student handed in before.

    Raises:
        CourseError: There is no such file, nobody's work is in it, or it would replace submissions.
        IngestError: The archive breaks a limit; nothing was unpacked.
    """
    assignment = course.assignment(name)
    if not source.exists():
        raise CourseError(f"{source}: no such file or folder; name the download with --from")
    collected = Collected()
    with temporary_folder("collect") as folder:
        archive = folder / name / "archive"
        archive.mkdir(parents=True)
        place_downloads(source, archive, collected.notes)
        config = copy.deepcopy(course.config)
        config.CourseDirectory.root = str(course.root)
        config.CourseDirectory.assignment_id = assignment.name
        config.ZipCollectApp.collect_directory_structure = f"{folder}/{{assignment_id}}/{{collect_step}}"
        config.ZipCollectApp.log_level = "CRITICAL"  # what it would say is in the notes
        config.ZipCollectApp.extractor_plugin = SafeExtractor
        config.ZipCollectApp.collector_plugin = LmsCollector
        app = ZipCollectApp(config=config)
        app.coursedir = CourseDirectory(config=config, parent=app)
        app.init_plugins()
        app.extract_archive_files()
        collected.notes += app.extractor_plugin_inst.notes
        planned = app.collector_plugin_inst.plan()
        for entry in planned.values():
            collected.students[entry.student] = collected.students.get(entry.student, 0) + 1
        groups = app.collector_plugin_inst.together.items()
        together = {student: others for student, others in groups if student in collected.students}
        for student, others in together.items():
            collected.students |= dict.fromkeys(others, collected.students[student])
            collected.notes.append(f"{student} handed in together with {', '.join(others)}: each has a copy")
        folders = [course.step("submitted", student, name) for student in collected.students]
        _refuse_overwriting(folders, force)
        with _all_or_nothing(folders), _as_course_error():
            app.process_extracted_files()
            for student, others in together.items():
                for other in others:
                    shutil.copytree(course.step("submitted", student, name), course.step("submitted", other, name))
        collected.notes += app.collector_plugin_inst.notes
    if not collected.students:
        raise CourseError(f"{source}: nobody's work is in it; {'; '.join(collected.notes) or 'it is empty'}")
    return collected


def place_downloads(source: Path, archive: Path, notes: list[str]) -> None:
    """Copy downloads to where ``zip_collect`` looks for them, under the limits for unpacked files."""
    if source.is_file():
        shutil.copyfile(source, archive / source.name)
        return
    budget = Budget(notes=notes)
    for folder, _, files in os.walk(source, followlinks=False):
        for file in files:
            path = Path(folder) / file
            inside, size = path.relative_to(source), path.lstat().st_size
            if (
                not stat.S_ISREG(path.lstat().st_mode)
                or any(map(is_clutter, inside.parts))
                or not budget.take(str(inside), size, size, holder(inside.parts, wrapped=False))
            ):
                continue
            place = archive / inside
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)


def _refuse_overwriting(folders: list[Path], force: bool) -> None:
    existing = sorted(folder.parent.name for folder in folders if any(folder.glob("*")) or _aside(folder).exists())
    if existing and not force:
        raise CourseError(
            f"{len(existing)} students have handed in before ({existing[0]} ...); --force replaces their submissions"
        )


def _aside(folder: Path) -> Path:
    """Return where a submission waits until the one that takes its place is there."""
    return folder.with_name(f".{folder.name}.before")


@contextlib.contextmanager
def _all_or_nothing(folders: list[Path]) -> Iterator[None]:
    """Put submissions aside while others take their place, and put them back if those do not all arrive."""
    try:
        for folder in folders:
            if folder.exists() and not _aside(folder).exists():  # one that a killed run put aside is the true one
                os.rename(folder, _aside(folder))
        yield
    except BaseException:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
            if _aside(folder).exists():
                os.rename(_aside(folder), folder)
            else:
                with contextlib.suppress(OSError):
                    folder.parent.rmdir()  # made a moment ago, and empty
        raise
    for folder in folders:
        shutil.rmtree(_aside(folder), ignore_errors=True)


@contextlib.contextmanager
def _as_course_error() -> Iterator[None]:
    """Turn the exit of nbgrader's app into an error of ours."""
    try:
        yield
    except SystemExit as error:
        raise CourseError("nbgrader could not collect the files; `coursegrader --debug collect` says why") from error
