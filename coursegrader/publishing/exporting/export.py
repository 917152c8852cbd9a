"""Which file does Gradescope, Canvas, Moodle or CI want? One table of formats, for our CLI and for ``nbgrader export``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Unicode

from coursegrader.course.course import Course
from coursegrader.errors import CourseError
from coursegrader.grading.gradebook.results import Results, StudentResult
from coursegrader.grading.gradebook.scores import read_results, results_from
from coursegrader.publishing.exporting import ci, gradescope, sheets
from coursegrader.publishing.exporting.canvas import write_canvas
from coursegrader.publishing.exporting.filling import Notes, few
from coursegrader.publishing.exporting.moodle import write_moodle

#: Writes results to a path, given the instructor's sheet and its column; returns what the instructor should know.
Write = Callable[[Results, Path, "Path | None", str], list[str]]


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        file: Where it is written if nothing else is said, below ``exports/<assignment>/``.
        write: Writes it.
        about: What it is, for ``--help``.
    """

    file: str
    write: Write
    about: str


def _csv(results: Results, path: Path, sheet: Path | None, column: str) -> list[str]:
    return sheets.write_csv(results, path)


def _canvas(results: Results, path: Path, sheet: Path | None, column: str) -> list[str]:
    return write_canvas(results, path, _needed(sheet, "Canvas"), column)


def _moodle(results: Results, path: Path, sheet: Path | None, column: str) -> list[str]:
    return write_moodle(results, path, _needed(sheet, "Moodle"), column)


def _needed(sheet: Path | None, platform: str) -> Path:
    if sheet is None:
        raise CourseError(f"export your sheet from {platform} and name it with --sheet; it is filled in, not invented")
    return sheet


def _junit(results: Results, path: Path, sheet: Path | None, column: str) -> list[str]:
    path.write_bytes(ci.junit(results))
    return []


def _summary(results: Results, path: Path, sheet: Path | None, column: str) -> list[str]:
    path.write_text(ci.summary(results), "utf-8")
    return []


def _gradescope(results: Results, path: Path, sheet: Path | None, column: str) -> list[str]:
    return _per_student(results, path, lambda student: gradescope.results_json(results, student))


def _classroom50(results: Results, path: Path, sheet: Path | None, column: str) -> list[str]:
    return _per_student(results, path, lambda student: ci.classroom50(results, student))


def _per_student(results: Results, path: Path, make: Callable[[StudentResult], dict[str, object]]) -> list[str]:
    """Write one file a student: into a folder, or into the file that is named if there is one student only."""
    if path.suffix == ".json":
        if len(results.students) != 1:
            raise CourseError(f"{path} is one file, the class has {len(results.students)} students; name a folder")
        ci.write_json(make(results.students[0]), path)
        return []
    path.mkdir(parents=True, exist_ok=True)
    for student in results.students:
        if student.id != Path(student.id).name or student.id.startswith("."):
            raise CourseError(f"student id {student.id!r} is no file name; change it in the gradebook")
        ci.write_json(make(student), path / f"{student.id}.json")
    return []


FORMATS = {
    "csv": Format("grades.csv", _csv, "one line a student, for any spreadsheet"),
    "canvas": Format("canvas.csv", _canvas, "fill the gradebook you exported from Canvas (--sheet)"),
    "moodle": Format("moodle.csv", _moodle, "fill the grading worksheet you exported from Moodle (--sheet)"),
    "gradescope": Format(
        "gradescope", _gradescope, "results.json of every student, as Gradescope's autograders write it"
    ),
    "junit": Format("junit.xml", _junit, "JUnit XML, for CI"),
    "classroom50": Format("classroom50", _classroom50, "result.json of every student, as Classroom 50 wants it"),
    "summary": Format("summary.md", _summary, "Markdown, for a job's summary"),
}
ZIP = "gradescope-zip"


def export(
    course: Course,
    name: str,
    to: str,
    *,
    output: Path | None = None,
    sheet: Path | None = None,
    column: str = "",
    student: str = "*",
) -> tuple[Path, Notes]:
    """Write the results of an assignment in a format.

    Args:
        course: The course.
        name: Assignment.
        to: One of :data:`FORMATS`, or ``gradescope-zip``.
        output: File or folder to write; by default in ``exports/<assignment>/``.
        sheet: The instructor's own sheet, for Canvas and Moodle.
        column: The sheet's column, if it cannot be told.
        student: Glob that selects students.

    Returns:
        What was written, and sentences the instructor should read.

    Raises:
        CourseError: There is no such assignment, student or sheet.
    """
    folder = course.root / "exports" / name
    if to == ZIP:
        path = output or folder / "gradescope-autograder.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path, Notes(gradescope.write_zip(course, course.assignment(name), path))
    results = select(read_results(course, name), student)
    path = output or folder / FORMATS[to].file
    return path, write(results, to, path, sheet, column)


def select(results: Results, student: str) -> Results:
    """Return the results of the students that a glob selects.

    Raises:
        CourseError: It selects nobody.
    """
    chosen = [entry for entry in results.students if fnmatch(entry.id, student)]
    if not chosen:
        raise CourseError(f"no student {student!r} in the gradebook; it has {len(results.students)} students")
    return replace(results, students=chosen)


def write(results: Results, to: str, path: Path, sheet: Path | None = None, column: str = "") -> Notes:
    """Write results in a format and return what the instructor should know."""
    path.parent.mkdir(parents=True, exist_ok=True)
    said = FORMATS[to].write(results, path, sheet, column)
    notes = said if isinstance(said, Notes) else Notes(said)
    if results.waiting:
        notes.append(f"{results.waiting} answers wait for a grader and count 0 so far")
    if rescaled := {student.id: student.rescaled[0] for student in results.students if student.rescaled}:
        named = few([f"{student}: {question}" for student, question in rescaled.items()])
        notes.append(
            f"{len(rescaled)} students were graded when a question had other points ({named}); grade them again, "
            "with --allow-lower where they may lose some"
        )
    return notes


class _Export(ExportPlugin):
    """What the plugins for ``nbgrader export`` share; each is the format of its name."""

    sheet = Unicode("", help="the sheet you exported from Canvas or Moodle").tag(config=True)
    column = Unicode("", help="the column of that sheet, if it cannot be told").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the results of one assignment."""
        course = Course(Path(self.parent.coursedir.root), self.config)
        names = [str(name) for name in self.assignment] or course.assignments()
        if len(names) != 1:
            raise CourseError(f"name one assignment with --assignment, of: {', '.join(course.assignments())}")
        results = results_from(gradebook, course.assignment(names[0]))
        if self.student:
            wanted = [str(student) for student in self.student]
            results = replace(results, students=[entry for entry in results.students if entry.id in wanted])
        chosen = type(self).__name__.lower()
        path = Path(self.to or FORMATS[chosen].file)
        for note in write(results, chosen, path, Path(self.sheet) if self.sheet else None, self.column):
            self.log.warning("%s", note)


class Csv(_Export):
    """``nbgrader export --exporter=coursegrader.plugins.Csv``."""


class Canvas(_Export):
    """``nbgrader export --exporter=coursegrader.plugins.Canvas --Canvas.sheet=FILE``."""


class Moodle(_Export):
    """``nbgrader export --exporter=coursegrader.plugins.Moodle --Moodle.sheet=FILE``."""


class Gradescope(_Export):
    """``nbgrader export --exporter=coursegrader.plugins.Gradescope``."""


class JUnit(_Export):
    """``nbgrader export --exporter=coursegrader.plugins.JUnit``."""


class Classroom50(_Export):
    """``nbgrader export --exporter=coursegrader.plugins.Classroom50``."""
