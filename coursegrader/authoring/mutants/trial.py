"""What comes of each mutant when it is handed in: is it told from the reference, and do the visible tests say so already?

Every mutant runs in a box of its own, as a student's answer does, and only with the tests that its question is for. What
survives is run once more on fresh seeds: whoever gives the same evidence there, but for rounding, computes the same.
"""

from __future__ import annotations

import copy
import hashlib
import os
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from nbformat import NotebookNode

from coursegrader.authoring.mutants.rules import Mutant, mutants
from coursegrader.course.course import Notebook
from coursegrader.course.metadata import grade_id, is_grade, is_solution
from coursegrader.course.setup.settings import Execute
from coursegrader.engine.execute import run_notebook
from coursegrader.engine.workers import threads
from coursegrader.errors import CourseGraderError, EvidenceError
from coursegrader.grading.cache import Cache, content_key
from coursegrader.grading.reference import Reference, execution, reference, staged
from coursegrader.judging.judge import judge_cell
from coursegrader.judging.values.decoding import decode
from coursegrader.model import NotebookRun, canonical, encoded, restored

#: Kinds of which equal values say nothing: the tests may never ask for what was changed.
UNASKED = ("default", "gradient", "in place", "keyword", "start", "statement")
_SHORTEST = 3.0  # seconds that a mutant may take however quick the reference is
_PATIENCE = 5.0  # times as long as the reference
_DIGITS_LOST = 100.0  # times the last place: in another order of the same sums


@dataclass(frozen=True)
class Budget:
    """When to stop.

    Attributes:
        count: How many mutants may be tried, or None.
        seconds: How long new ones may be begun, by the wall clock, or None.
    """

    count: int | None = None
    seconds: float | None = None

    @classmethod
    def read(cls, text: str) -> Budget:
        """Read ``200`` (mutants), ``90s``, ``10m``, or an empty text (all of them).

        Raises:
            CourseGraderError: It is none of these.
        """
        digits, unit = text.rstrip("sm"), text.lstrip("0123456789")
        if not text:
            return cls()
        if not digits.isdecimal() or not int(digits) or unit not in ("", "s", "m"):
            raise CourseGraderError(f"--mutants {text}: write how many (200), or how long (90s, 10m)")
        return cls(count=int(digits)) if not unit else cls(seconds=int(digits) * (60.0 if unit == "m" else 1.0))


@dataclass
class Tried:
    """What came of one mutant.

    Attributes:
        notebook: Notebook name.
        cell: Solution cell.
        kind: What was changed.
        line: Number of the first changed line in the cell.
        diff: The change.
        verdict: ``killed``, ``equivalent``, ``survived``, ``argued`` or ``not tried``.
        lost: Grade cells that lost points.
        stopped: Whether a visible test stops it.
        note: Why it may survive, or what is special about it.
    """

    notebook: str
    cell: str
    kind: str
    line: int
    diff: str
    verdict: str = "not tried"
    lost: list[str] = field(default_factory=list)
    stopped: bool = False
    note: str = ""


class Question:
    """One solution cell with the grade cells that are about it."""

    def __init__(self, notebook: Notebook, cell: NotebookNode, seed: str, cache: Cache) -> None:
        """Name the cell; nothing is run yet.

        Args:
            notebook: The instructor's side.
            cell: The solution cell in its source.
            seed: Seed of the hidden inputs.
            cache: Where runs and verdicts are kept.
        """
        self.notebook, self.cell, self.seed, self.cache = notebook, cell, seed, cache
        self.name = grade_id(cell)
        self.seeds = (seed, f"fresh {seed}", f"another {seed}")

    @cached_property
    def known(self) -> Reference:
        """What the reference gives."""
        return reference(self.notebook, self.seed, self.cache)

    @cached_property
    def autograded(self) -> list[str]:
        """Every autograded cell of the notebook."""
        return [name for name, cell in self.notebook.graded.items() if not cell.manual]

    @cached_property
    def stakes(self) -> list[str]:
        """The grade cells that lose points where this question is not answered, as long as they can stand without others."""
        blank = next(cell.source for cell in self.notebook.release.cells if cell.id == self.cell.id)
        losing = self.losing(self.run(blank, self.seed, self.autograded))
        alone = not losing or not self.losing(self.run(self.cell.source, self.seed, losing))
        return losing if alone else self.autograded

    @cached_property
    def own(self) -> list[Any]:
        """The reference's evidence on each seed, run as a student's."""
        return [_evidence(self.run(self.cell.source, seed, self.stakes)) for seed in self.seeds]

    def losing(self, run: NotebookRun) -> list[str]:
        """Return the grade cells of a run that lose points."""
        graded, truth = self.notebook.graded, self.notebook.assignment.folder
        judged = {
            name: judge_cell(graded[name], cell, self.known.expected[name], truth) for name, cell in run.cells.items()
        }
        return [name for name, result in judged.items() if result.points != result.max_points]

    def run(self, source: str, seed: str, tests: list[str]) -> NotebookRun:
        """Run the notebook with another source in this cell, and with these grade cells alone."""
        nb = copy.deepcopy(self.notebook.source)
        nb.cells = [cell for cell in nb.cells if cell.cell_type == "code" and self._stays(cell, tests)]
        for cell in nb.cells:
            if cell.id == self.cell.id:
                cell.source = source
        key = self._key(nb, seed)
        if (found := restored(NotebookRun, self.cache.get(key))) is not None:
            return found
        slowest = max(self.known.seconds.values(), default=0.0)
        limit = _SHORTEST + _PATIENCE * slowest
        limits = Execute(config=self.notebook.assignment.course.config, timeout=limit, notebook_seconds=3 * limit)
        with staged(self.notebook.assignment, {}, reference=True) as files:
            run = run_notebook(self.notebook, nb, files=files, seed=seed, limits=limits)
        run.notebook.cells = []  # what was printed is of no interest, and large
        self.cache.put(key, encoded(run))
        return run

    def _stays(self, cell: NotebookNode, tests: list[str]) -> bool:
        return not is_grade(cell) or is_solution(cell) or grade_id(cell) in tests

    def _key(self, nb: NotebookNode, seed: str) -> str:
        names = [grade_id(cell) for cell in nb.cells]
        parts = execution(self.notebook, seed) | {"tests": "", "cells": [cell.source for cell in nb.cells]}
        return content_key(kind="mutant", names=names, files=self.notebook.surroundings, **parts)

    def tried(self, mutant: Mutant) -> Tried:
        """Hand a mutant in."""
        found = Tried(self.notebook.name, self.name, mutant.kind, mutant.line, mutant.diff)
        run = self.run(mutant.source, self.seed, self.stakes)
        found.lost = self.losing(run)
        found.stopped = any(cell.visible != "ok" for cell in run.cells.values())
        found.verdict = "killed" if found.lost else "survived"
        if not found.lost and not found.stopped and mutant.kind not in UNASKED and self._same(mutant):
            found.verdict = "equivalent"
        return found

    def _same(self, mutant: Mutant) -> bool:
        runs = (self.run(mutant.source, seed, self.stakes) for seed in self.seeds)
        return all(_alike(_evidence(run), own) for run, own in zip(runs, self.own, strict=True))


def _evidence(run: NotebookRun) -> list[Any]:
    """Return the names and values that a run emitted; text for a value that is none."""
    found: list[Any] = []
    for cell in run.cells.values():
        for record in cell.records:
            try:
                found += [record.get("name"), decode(record.get("value"))]
            except EvidenceError as error:
                found += [record.get("name"), str(error)]
    return found


def _alike(one: Any, two: Any) -> bool:
    """Tell whether two pieces of evidence are the same but for the last digits."""
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(_alike, one, two))
    if not (isinstance(one, np.ndarray) and isinstance(two, np.ndarray)) or one.dtype.kind != "f":
        return bool(np.array_equal(one, two))
    if one.dtype != two.dtype or one.shape != two.shape:
        return False
    rounding = _DIGITS_LOST * float(np.finfo(one.dtype).eps)
    size = float(np.abs(one[np.isfinite(one)]).max(initial=0.0))
    return np.allclose(one, two, rtol=rounding, atol=rounding * size, equal_nan=True)


def questions(notebook: Notebook, seed: str, cache: Cache) -> list[Question]:
    """Return the coded questions of a notebook."""
    cells = [cell for cell in notebook.source.cells if cell.cell_type == "code" and is_solution(cell)]
    return [Question(notebook, cell, seed, cache) for cell in cells if not is_grade(cell)]


def try_all(asked: list[Question], budget: Budget, workers: int) -> list[Tried]:
    """Try the mutants of some questions, at most as many at once as there are processors.

    A budget is spread over the questions: what is tried first is drawn by content, the same in every run.

    Args:
        asked: The questions.
        budget: When to stop.
        workers: How many boxes may run at once.

    Returns:
        One entry a mutant in the order of the source, also for those that were not tried any more.
    """
    at_stake = [
        question for question in asked if question.stakes
    ]  # some cells only choose, and points depend on nothing
    for question in at_stake:  # before many threads ask for it
        question.own  # noqa: B018
    waiting = [(question, mutant) for question in at_stake for mutant in mutants(question.cell.source)]
    order = sorted(range(len(waiting)), key=lambda i: hashlib.sha256(_content(*waiting[i])).digest())
    chosen = set(order if budget.count is None else order[: budget.count])
    end = None if budget.seconds is None else time.monotonic() + budget.seconds

    def tried(number: int) -> Tried:
        question, mutant = waiting[number]
        if number not in chosen or (end is not None and time.monotonic() > end):
            return Tried(question.notebook.name, question.name, mutant.kind, mutant.line, mutant.diff)
        return question.tried(mutant)

    with threads(max(1, min(workers, os.cpu_count() or 1))) as pool:
        found = dict(zip(order, pool.map(tried, order), strict=True))
    return [found[number] for number in range(len(waiting))]


def _content(question: Question, mutant: Mutant) -> bytes:
    return canonical([question.notebook.name, question.name, mutant.line, mutant.diff])
