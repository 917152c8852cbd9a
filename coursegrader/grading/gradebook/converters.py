"""How are nbgrader's own converters run: quietly, on a copy, and not where they would stop half-way?"""

from __future__ import annotations

import copy
import logging
import os
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory

from coursegrader.course.course import GATE, Assignment, Course
from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.errors import CourseBusy, ReleaseRefused
from coursegrader.files import LOCK, only_one


def generate(course: Course, name: str, staging: Path, database: bool) -> Path:
    """Run nbgrader's generate_assignment into a staging folder and return the generated assignment's folder.

    Args:
        course: The course.
        name: Assignment.
        staging: Folder that takes the place of the course's release folder.
        database: Whether to record the cells in the gradebook.

    Raises:
        AuthoringError: A notebook is not whole, or nbgrader cannot work with a cell; it would say less itself.
        ReleaseRefused: nbgrader could not generate it.
    """
    for notebook in course.assignment(name).notebooks.values():
        _ = notebook.release
    config = copy.deepcopy(course.config)  # Config(...) shares its sections: the throw-away database would stay
    before_step, *_ = course.directory.directory_structure.partition("{nbgrader_step}")
    inside = course.root / before_step.format(student_id=".", assignment_id=name)
    config.CourseDirectory.release_directory = os.path.relpath(staging.resolve() / "release", inside)
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.assignment_id = name
    config.CourseDirectory.notebook_id = "*"
    config.GenerateAssignment.exporter_class = NotebookExporter  # we are the audit
    chosen = GenerateAssignment(config=config).preprocessors
    config.GenerateAssignment.preprocessors = [
        p for p in chosen if p.__name__ != GATE
    ]  # the audit says more, and first
    if not database:
        config.CourseDirectory.db_url = f"sqlite:///{staging}/throw-away.db"
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    run_converter(converter, f"nbgrader could not generate {name}")
    made = converter.coursedir.format_path(config.CourseDirectory.release_directory, ".", name)
    return Path(os.path.normpath(made))


def run_converter(converter: GenerateAssignment | GenerateFeedback, failure: str) -> None:
    """Run an nbgrader converter quietly.

    Raises:
        ReleaseRefused: It failed; what it logged becomes the text.
    """
    messages: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.Logger("coursegrader.nbgrader", logging.ERROR)
    logger.addHandler(handler)
    converter.log = converter.coursedir.log = logger
    try:
        converter.start()
    except (NbGraderException, SystemExit) as error:
        told = [line for text in messages for line in text.strip().splitlines()[-1:]]
        raise ReleaseRefused(f"{failure}: {'; '.join(dict.fromkeys(told)) or error}") from error


def alone(converter: BaseConverter, what: str) -> None:
    """Let a converter of nbgrader's own commands and buttons hold the course's lock while it works.

    It is refused, before anything is removed or written, while somebody else works on the course. A converter that a
    command of ours runs has no parent, and that command holds the lock.

    Args:
        converter: One that has not begun.
        what: What it does, for whoever comes second.
    """
    convert = converter.convert_notebooks

    def locked() -> None:
        try:
            with only_one(Course(Path(converter.coursedir.root), converter.config).grading / LOCK, what):
                convert()
        except CourseBusy as error:
            converter.log.error(str(error))
            raise NbGraderException(str(error)) from error

    if converter.parent is not None:
        converter.convert_notebooks = locked


class LockedExporter(NotebookExporter):
    """The exporter of ``nbgrader autograde``: while it exists for a converter, that one works alone."""

    def __init__(self, **kwargs: Any) -> None:
        """Have the converter hold the lock."""
        super().__init__(**kwargs)
        alone(self.parent, "nbgrader autograde")


def refuse_changed_cells(course: Course, assignment: Assignment) -> None:
    """Say plainly what nbgrader would refuse half-way: cells cannot come or go once there are submissions.

    Raises:
        ReleaseRefused: Graded cells were added or removed although somebody has handed in.
    """
    with open_gradebook(course.directory) as gradebook:
        try:
            found = gradebook.find_assignment(assignment.name)
        except MissingEntry:
            return
        if not found.submissions:
            return
        for notebook in found.notebooks:
            if notebook.name not in assignment.notebooks:
                continue  # the whole of it left, which can be followed
            old = {cell.name for cell in [*notebook.grade_cells, *notebook.task_cells]}
            new = set(assignment.notebooks[notebook.name].graded)
            if old != new:
                changed = ", ".join(sorted(old ^ new))
                raise ReleaseRefused(
                    f"{notebook.name}: graded cells were added or removed ({changed}), but there are submissions; "
                    "nbgrader cannot change that: undo it, or start a new assignment"
                )
