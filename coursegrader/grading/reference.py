"""What does the instructor's own notebook answer, executed the same way as a student's?"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from coursegrader.box import forkserver, isolation
from coursegrader.course import metadata
from coursegrader.course.banks import bank
from coursegrader.course.cells import Answer
from coursegrader.course.course import Assignment, Notebook
from coursegrader.course.region import lending, read_region
from coursegrader.engine.execute import run_notebook
from coursegrader.engine.workers import threads
from coursegrader.errors import AuthoringError
from coursegrader.grading.cache import Cache, content_key, libraries
from coursegrader.judging.judges.builtin import JUDGES, Expectation
from coursegrader.judging.judges.expectations import Record, expectations
from coursegrader.judging.judges.own import call, load
from coursegrader.judging.mistakes import KnownMistake
from coursegrader.model import NotebookRun, encoded, restored


@dataclass
class Reference:
    """What each grade cell's evidence should be.

    Attributes:
        expected: Expectations by grade_id; an empty list means that the cell has no evidence.
        seconds: Time each cell took in the reference run, by grade_id.
    """

    expected: dict[str, list[Expectation]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


@contextmanager
def staged(assignment: Assignment, files: dict[str, bytes], reference: bool = False) -> Iterator[Path]:
    """Provide a folder with the released side files and a submission's own; released files win.

    Args:
        assignment: The instructor's side.
        files: Side files of a submission by relative path.
        reference: Whether to add the files the instructor would hand in (``reference/``).
    """
    server = forkserver.shared(isolation.probe().rung)  # if we are killed, it removes its folder and what is in it
    with tempfile.TemporaryDirectory(prefix="files-", dir=server.folder) as name:
        folder = Path(name)
        sources = {path.as_posix(): assignment.folder / path for path in assignment.side_files()}
        if reference and (assignment.folder / "reference").is_dir():
            base = assignment.folder / "reference"
            sources |= {path.relative_to(base).as_posix(): path for path in base.rglob("*") if path.is_file()}
        for relative, data in {**files, **{key: path.read_bytes() for key, path in sources.items()}}.items():
            target = folder / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        yield folder


def run_source(
    notebook: Notebook,
    seed: str,
    cache: Cache,
    replace: dict[str, str] | None = None,
    tests: tuple[str, ...] = (),
) -> NotebookRun:
    """Run the instructor's notebook, with some solution cells replaced, or take the run from the cache.

    Args:
        notebook: The instructor's side.
        seed: Seed of the hidden inputs.
        cache: Where runs are kept.
        replace: Other sources for cells, by grade_id.
        tests: Grade cells that are enough; all by default. A whole run that is kept serves as well.
    """
    keys = _source_keys(notebook, seed, replace, tests)
    for key in keys:
        if (found := restored(NotebookRun, cache.get(key))) is not None:
            return found
    nb = copy.deepcopy(notebook.source)
    for cell in nb.cells:
        if replace and metadata.grade_id(cell) in replace:
            cell.source = replace[metadata.grade_id(cell)]
    if tests:
        _leave_out_others(notebook, nb, tests)
    with staged(notebook.assignment, {}, reference=True) as files:
        run = run_notebook(notebook, nb, files=files, seed=seed, reference=not replace)
    cache.put(keys[-1], encoded(run), accident=run.accidental)
    return run


def _leave_out_others(notebook: Notebook, nb: NotebookNode, tests: tuple[str, ...]) -> None:
    """Leave out what these grade cells cannot depend on: all that follows them, and the regions of others.

    A region stays that binds what a later one uses; of the other grade cells the visible tests stay, as they may define
    something.
    """
    last = max(number for number, cell in enumerate(nb.cells) if metadata.grade_id(cell) in tests)
    nb.cells = nb.cells[: last + 1]
    kept: list[str] = []
    for cell in reversed(nb.cells):
        graded = notebook.graded.get(metadata.grade_id(cell))
        if graded is None or graded.manual:
            continue
        region = read_region(graded.hidden or "").told
        if graded.grade_id in tests or graded.entire or region in lending((region, *kept)):
            kept.insert(0, region)
        else:
            cell.source = graded.visible
            del cell.metadata["nbgrader"]


def _source_keys(notebook: Notebook, seed: str, replace: dict[str, str] | None, tests: tuple[str, ...]) -> list[str]:
    """Return the keys of the whole run and, where some grade cells are enough, of the one with these alone."""
    # with an answer of the bank in it, the notebook runs without terms, as a student's does
    terms = "" if replace else notebook.referenced
    parts = {**execution(notebook, seed), "solutions": notebook.solutions, "terms": terms, "replace": replace or {}}
    only = [content_key(kind="source", **parts, only=tests)] if tests else []
    return [content_key(kind="source", **parts), *only]


def execution(notebook: Notebook, seed: str) -> dict[str, Any]:
    """Return what decides how a notebook runs, apart from what was handed in."""
    settings = notebook.assignment.course.settings.execute.trait_values(config=True)
    return {
        "tests": notebook.executed,
        "seed": seed,
        "settings": {name: str(value) for name, value in sorted(settings.items())},
        "libraries": libraries(notebook),
    }


def reference(notebook: Notebook, seed: str, cache: Cache) -> Reference:
    """Return what the instructor's own answers give.

    Raises:
        AuthoringError: The reference solution does not get through its own tests.
    """
    run = run_source(notebook, seed, cache)
    found, judges = Reference(), load(notebook.assignment.folder, JUDGES)
    for grade_id, cell in run.cells.items():
        place = f"{notebook.path.name}, cell {grade_id}"
        if "evidence" not in (notebook.graded[grade_id].hidden or ""):  # then nothing is asked of the instructor's run
            found.expected[grade_id] = []
            continue
        for part, verdict, error in (
            ("visible tests end", cell.visible, ""),
            ("hidden region ends", cell.verdict, cell.error),
        ):
            if verdict != "ok":
                cause = _cause(run, grade_id, error)
                raise AuthoringError(
                    f"{place}: the {part} with {verdict} on the reference solution ({cause}); mend one of them"
                )
        found.expected[grade_id] = expectations(_with_terms(notebook, grade_id, cell.records), place, judges)
        found.seconds[grade_id] = cell.seconds
    return found


def _cause(run: NotebookRun, grade_id: str, error: str) -> str:
    """Say how the cell failed, and which cell before it failed first."""
    failed: dict[str, str] = {}
    for cell in run.notebook.cells:
        name = metadata.grade_id(cell) or cell.id
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                failed.setdefault(name, f"{output.ename}: {output.evalue}"[:500].rstrip(": "))
        if name == grade_id:
            break
    causes = [error or failed.pop(grade_id, "")]
    causes += [f"before it, cell {name} ended with {said}" for name, said in failed.items() if name != grade_id][:1]
    return "; ".join(filter(None, causes))


def _with_terms(notebook: Notebook, grade_id: str, records: list[Record]) -> list[Record]:
    """Return the records with the terms that the region states today."""
    written = read_region(notebook.graded[grade_id].hidden or "").terms
    if not written:
        return records
    return [
        {**record, "terms": {**record["terms"], **written[record["site"]]}}
        if "terms" in record and record.get("site") in range(len(written))
        else record
        for record in records
    ]


class KnownMistakes:
    """The mistakes of one notebook's bank; each is run when it is first asked for, or taken from the cache."""

    def __init__(
        self,
        notebook: Notebook,
        seed: str,
        cache: Cache,
        workers: int = 1,
        doing: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Read the bank; nothing is run yet."""
        self._doing = doing
        self._answers = bank(notebook.assignment, "mistakes", notebook.name)
        self._notebook, self._seed, self._cache, self._workers = notebook, seed, cache, workers
        self._known: dict[str, KnownMistake] = {}
        self._was_run: dict[str, bool] = {}
        self.only_kept = False  # whether mistakes that were never run are left out

    @property
    def every(self) -> list[str]:
        """The mistakes of the bank, by cell and slug."""
        return [str(answer) for answer in self._answers]

    @cached_property
    def nameable(self) -> list[str]:
        """The mistakes that may be named now, by cell and slug."""
        answers = [answer for answer in self._answers if not self.only_kept or self._kept(answer)]
        return [str(answer) for answer in answers]

    def losing(self, grade_id: str) -> list[KnownMistake]:
        """Return the mistakes that lose a grade cell, with their evidence."""
        answers = [answer for answer in self._answers if grade_id in answer.loses]
        if self.only_kept:
            answers = [answer for answer in answers if self._kept(answer)]
        missing = [answer for answer in answers if str(answer) not in self._known]
        if missing:
            self._doing(f"mistakes {self._notebook.name}")
        with threads(self._workers) as pool:
            for known in pool.map(self._run, missing):
                self._known[str(known.answer)] = known
        return [self._known[str(answer)] for answer in answers]

    def _kept(self, answer: Answer) -> bool:
        name = str(answer)
        if name not in self._was_run:  # a re-judging runs none, so that this stays as it is
            keys = _source_keys(self._notebook, self._seed, {answer.cell: answer.source}, answer.loses)
            self._was_run[name] = name in self._known or any(self._cache.has(key) for key in keys)
        return self._was_run[name]

    def _run(self, answer: Answer) -> KnownMistake:
        replace = {answer.cell: answer.source}
        return KnownMistake(answer, run_source(self._notebook, self._seed, self._cache, replace, answer.loses).cells)


@dataclass
class Side:
    """The instructor's side, ready to judge with: it may serve many gradings as long as ``source/`` stays the same.

    Attributes:
        assignment: The assignment.
        cache: Where runs are kept.
        known: What each notebook's own answers give.
        mistakes: The mistakes that may be named, by notebook.
    """

    assignment: Assignment
    cache: Cache
    known: dict[str, Reference]
    mistakes: dict[str, KnownMistakes]


def prepare(assignment: Assignment, names: list[str], cache: Cache, workers: int, doing: Callable[[str], None]) -> Side:
    """Run the instructor's own notebooks, or take their runs from the cache.

    Args:
        assignment: The assignment.
        names: Its notebooks that are wanted.
        cache: Where runs are kept.
        workers: How many mistakes are run at the same time.
        doing: Called with what is done now.

    Raises:
        AuthoringError: A reference solution does not get through its own tests.
    """
    seed, known = assignment.course.seed, {}
    call(assignment.folder)
    mistakes = {name: KnownMistakes(assignment.notebooks[name], seed, cache, workers, doing) for name in names}
    for name in names:
        doing(f"reference {name}")
        known[name] = reference(assignment.notebooks[name], seed, cache)
    return Side(assignment, cache, known, mistakes)
