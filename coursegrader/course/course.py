"""What does the instructor's side say: where is the course, and what does each notebook ask for?"""

from __future__ import annotations

import hashlib
import sys
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, IncludeHeaderFooter, InstantiateTests, SaveCells
from traitlets import TraitError
from traitlets.config import Config, PyFileConfigLoader

from coursegrader.course import metadata
from coursegrader.course.cells import GradedCell
from coursegrader.course.markers import Markers, split_hidden
from coursegrader.course.region import bound, inseparable, read_region
from coursegrader.course.setup import folders, spelling, table
from coursegrader.course.setup.settings import Settings
from coursegrader.course.sound import preprocessed, read_source
from coursegrader.course.syntax import imported
from coursegrader.errors import CourseError
from coursegrader.files import kept_secret
from coursegrader.model import canonical

CONFIG_FILE = "nbgrader_config.py"
#: What of an assignment in ``source/`` never leaves the instructor's side.
PRIVATE = ("hidden", "truth", "mistakes", "alternatives", "reference", "judges.py", "argued.diff")
#: The audit in nbgrader's list of preprocessors, by class name.
GATE = "LeakGate"
#: What results depend on, besides the notebook itself.
_ALL = ("hidden", "truth", "reference", "judges.py")
#: Preprocessors of ``nbgrader generate_assignment`` that write to the gradebook, by class name.
_WRITERS = (SaveCells.__name__, GATE)
#: Those whose work is done when a source is read: :mod:`~coursegrader.course.sound` says which cell is wrong, and faster.
_DONE = (IncludeHeaderFooter.__name__, CheckCellMetadata.__name__, InstantiateTests.__name__)


class Notebook:
    """One instructor notebook and what follows from it: release version, graded cells, content hash."""

    def __init__(self, assignment: Assignment, path: Path) -> None:
        """Read the notebook; see :meth:`Assignment.notebooks`."""
        self.assignment = assignment
        self.name = path.stem
        self.path = path
        self.raw = path.read_bytes()
        self.source: NotebookNode = read_source(path, self.raw, assignment.course.around)

    @property
    def markers(self) -> Markers:
        """What stands around solutions, hidden tests and mark schemes in this course."""
        return self.assignment.course.markers

    @cached_property
    def release(self) -> NotebookNode:
        """The student version, made in memory by nbgrader's own preprocessors without touching the gradebook.

        Raises:
            AuthoringError: One of them cannot work with a cell.
        """
        config = self.assignment.course.config
        resources: dict[str, Any] = {
            "nbgrader": {"notebook": self.name, "assignment": self.assignment.name, "student": ".", "db_url": ""}
        }
        steps = [
            entry(config=config)
            for entry in GenerateAssignment(config=config).preprocessors
            if entry.__name__ not in (*_WRITERS, *_DONE)
        ]
        return preprocessed(self.source, steps, resources, str(self.path))

    @cached_property
    def graded(self) -> dict[str, GradedCell]:
        """Every cell that earns points, by grade_id, in the order of the notebook."""
        cells = {}
        for cell in self.source.cells:
            if not metadata.earns_points(cell):
                continue
            meta = metadata.of_nbgrader(cell)
            place = f"{self.path.name}, cell {meta['grade_id']}"
            visible, hidden = cell.source, None
            if cell.cell_type == "code":
                visible, hidden = split_hidden(cell.source, place, self.markers)
            lines = [line for line in cell.source.split("\n") if not self.markers.found(line)]
            cells[meta["grade_id"]] = GradedCell(
                grade_id=meta["grade_id"],
                points=float(meta["points"]),
                manual=metadata.is_task(cell) or metadata.is_solution(cell) or cell.cell_type != "code",
                optional=metadata.is_optional(cell),
                all_or_nothing=metadata.is_all_or_nothing(cell),
                visible=visible,
                hidden=hidden,
                entire="\n".join(lines) if hidden is not None and inseparable(lines, visible, hidden) else "",
            )
        return cells

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything a result depends on: the notebook, its files, judges and known mistakes."""
        parts = [*_ALL, f"mistakes/{self.name}", *self._released]
        return self._hash([hashlib.sha256(self.raw).hexdigest(), [cell.source for cell in self.source.cells]], parts)

    @cached_property
    def executed(self) -> str:
        """SHA-256 of what decides what runs in a student's box: nothing that only judges is in it."""
        cells = [[cell.id, cell.cell_type, cell.source] for cell in self.release.cells]
        regions = [
            [cell.grade_id, cell.visible, None if cell.hidden is None else read_region(cell.hidden).told, cell.entire]
            for cell in self.graded.values()
            if not cell.manual
        ]
        return self._hash([cells, regions, self.theirs], ["hidden", *self._released])

    @cached_property
    def theirs(self) -> tuple[str, ...] | None:
        """The names whose meaning students' answers decide in a hidden region, see :func:`bound`."""
        return bound(tuple((c.source, metadata.is_answer(c)) for c in self.source.cells if c.cell_type == "code"))

    @cached_property
    def surroundings(self) -> str:
        """SHA-256 of the files that the instructor's own answers find when they run."""
        return self._hash("", ["hidden", "reference", *self._released])

    @cached_property
    def solutions(self) -> str:
        """SHA-256 of the instructor's own code and of the files handed in with it."""
        tests = {name for name, cell in self.graded.items() if not cell.manual}
        own = [c for c in self.source.cells if c.cell_type == "code" and metadata.grade_id(c) not in tests]
        return self._hash([[cell.id, cell.source] for cell in own], ["reference"])

    @cached_property
    def referenced(self) -> str:
        """SHA-256 of the hidden regions as the instructor's own run executes them."""
        regions = {name: read_region(cell.hidden).reference for name, cell in self.graded.items() if cell.hidden}
        return self._hash(regions, [])

    @cached_property
    def imported(self) -> list[str]:
        """The modules that the instructor's own code imports, by their top-level names, sorted."""
        return sorted(imported("\n".join(cell.source for cell in self.source.cells if cell.cell_type == "code")))

    @property
    def _released(self) -> list[str]:
        return [path.as_posix() for path in self.assignment.side_files()]

    def _hash(self, data: Any, parts: list[str]) -> str:
        """Return the SHA-256 of plain data and of the files in parts of the assignment's folder."""
        sha = hashlib.sha256(canonical(data))
        folder = self.assignment.folder
        for part in parts:
            for path in [folder / part, *sorted((folder / part).rglob("*"))]:
                if path.is_file():
                    sha.update(path.relative_to(folder).as_posix().encode())
                    sha.update(hashlib.sha256(path.read_bytes()).digest())
        return sha.hexdigest()


class Assignment:
    """One assignment of a course: the folder ``source/<name>`` and its notebooks."""

    def __init__(self, course: Course, name: str) -> None:
        """Find the assignment; see :meth:`Course.assignment`."""
        self.course = course
        self.name = name
        self.folder = course.step("source", "", name)
        if name not in (known := course.folders()):
            named = ", ".join(course.assignments()) or "none"
            place = self.folder.parent if known else course.root
            raise CourseError(f"no assignment {name!r} in {place}; known: {named}")

    @cached_property
    def notebooks(self) -> dict[str, Notebook]:
        """The instructor's notebooks by name, sorted."""
        folders.refuse_among(self.folder, self.course.around)
        found = {path.stem: Notebook(self, path) for path in sorted(self.folder.glob("*.ipynb"))}
        if not found:
            raise CourseError(f"no notebooks in {self.folder}; add one, see docs/authoring.md")
        return found

    def side_files(self) -> list[Path]:
        """Return the released files beside the notebooks (data, requirements), relative to the folder."""
        tops = [path for path in self.folder.iterdir() if self._is_released(path.name)]
        paths = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*"))]
        relative = [path.relative_to(self.folder) for path in paths if path.is_file() and path.suffix != ".ipynb"]
        return sorted(path for path in relative if all(map(self._is_released, path.parts)))

    def _is_released(self, name: str) -> bool:
        ignored = any(fnmatch(name, pattern) for pattern in self.course.directory.ignore)
        return not ignored and name not in PRIVATE and not name.startswith((".", "__"))


class Course:
    """A course folder: the place of ``nbgrader_config.py`` and ``source/``."""

    def __init__(self, root: Path, config: Config) -> None:
        """Describe a course; use :meth:`open` for one on disk."""
        self.root = root
        self.config = config
        self.directory = CourseDirectory(config=config)
        self.directory.root = str(root)

    @classmethod
    def open(cls, root: Path | str, *, plugged: bool = True) -> Course:
        """Open the course in a folder.

        Args:
            root: The folder.
            plugged: Whether its config has to put our classes into nbgrader's places.

        Raises:
            CourseError: The folder is no course, or its config cannot be loaded or lacks a line.
        """
        root = Path(root).resolve()
        if not (root / CONFIG_FILE).is_file():
            raise CourseError(
                f"{root} is not a course: it has no {CONFIG_FILE}; go to your course folder or name it with --course"
            )
        if str(root) not in sys.path:
            sys.path.append(str(root))  # as nbgrader does, so that a late penalty plugin beside the config is found
        try:
            config = PyFileConfigLoader(CONFIG_FILE, path=str(root)).load_config()
        except Exception as error:  # the config is the instructor's own Python: anything can be raised
            raise CourseError(
                f"{root / CONFIG_FILE}: {type(error).__name__}: {error}; mend the config and try again"
            ) from error
        try:
            if slips := list(spelling.mistakes(config)):
                raise TraitError("; ".join(slips))
            Settings.of(config)
            course = cls(root, config)
        except TraitError as error:
            raise CourseError(f"{root / CONFIG_FILE}: {str(error).rstrip('.')}; mend it and try again") from error
        if not (root / course.directory.source_directory).is_dir() and not course.folders():
            raise CourseError(
                f"{root} has no {course.directory.source_directory}/ folder; add source/<assignment>/<notebook>.ipynb"
            )
        if plugged and (lacks := table.lacks(config)):
            raise CourseError(f"{root / CONFIG_FILE}: {lacks}")
        return course

    def assignments(self) -> list[str]:
        """Return the names of the assignments in ``source/``."""
        return [name for name, folder in self.folders().items() if any(folder.glob("*.ipynb"))]

    def folders(self) -> dict[str, Path]:
        """Return the folders of assignments by name; one with nothing but a header or a footer is none."""
        return folders.assignments(self.directory, self.around.values())

    def students(self, step: str, assignment: str) -> list[str]:
        """Return who has a folder of an assignment in one nbgrader step."""
        return folders.students(self.directory, step, assignment)

    @cached_property
    def around(self) -> dict[str, Path]:
        """The notebooks that nbgrader puts around every other: ``header`` and ``footer``, where there are any."""
        return folders.around(self.config, self.root)

    @cached_property
    def settings(self) -> Settings:
        """What the course has set of ours."""
        return Settings.of(self.config)

    @cached_property
    def markers(self) -> Markers:
        """What stands around solutions, hidden tests and mark schemes."""
        return Markers.of(self.config)

    def assignment(self, name: str) -> Assignment:
        """Return one assignment.

        Raises:
            CourseError: There is no such assignment.
        """
        return Assignment(self, name)

    @property
    def grading(self) -> Path:
        """The git-ignored folder with cache, keys, seed and the instructor's logs."""
        return self.root / "grading"

    @property
    def seed(self) -> str:
        """Seed of the hidden inputs: secret, made on first use, kept so that a regrade judges by the same inputs."""
        return kept_secret(self.grading / "seed", 8)

    def draw_seed(self) -> str:
        """Forget the seed and return a new one."""
        (self.grading / "seed").unlink(missing_ok=True)
        return self.seed

    def step(self, step: str, student: str = "", assignment: str = "") -> Path:
        """Return the folder of one nbgrader step (``submitted``, ``autograded``, ``release`` ...)."""
        return folders.place(self.directory, step, student, assignment)
