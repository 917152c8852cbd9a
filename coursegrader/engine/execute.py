"""In which order is a notebook run, and what happens after a cell has killed, hung or flooded its kernel?

Every cell runs in a kernel of its own box.
The visible part and the hidden region of a grade cell are two executions; evidence counts only while the region runs.
A cell that kills the kernel loses only itself: a fresh kernel replays the others.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from coursegrader.box.usage import cores
from coursegrader.course.cells import GradedCell
from coursegrader.course.course import Course, Notebook
from coursegrader.course.metadata import grade_id, is_answer, is_extra
from coursegrader.course.region import lending, read_region
from coursegrader.course.setup import settings
from coursegrader.engine import warm
from coursegrader.engine.budget import RESTART, Budget
from coursegrader.engine.conversation import Conversation, ConversationError, Said
from coursegrader.engine.kernel import Wanted, limits_of
from coursegrader.engine.record import Room
from coursegrader.evidence import REFERENCE_VARIABLE, SEED_VARIABLE
from coursegrader.model import CellRun, NotebookRun

RESOURCE = "coursegrader"  # where one preprocessor leaves what the next one needs
_SHORTEST = 2.0  # seconds an execution may always take
_QUICK_PIP = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}  # it fails at once, not after retries
_STARTS = 3  # kernels in a row that may fail to answer
_CHECK_SECONDS = 5.0  # for an execution of nothing
_OWN_FAULT = ("timeout", "output_limit", "not_run")  # for the other ends of a kernel an earlier cell may be to blame


class Execute(settings.Execute, NbGraderPreprocessor):
    """Takes the place of nbgrader's own ``Execute``: always boxed, with budgets, evidence and replay."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Run a notebook inside ``nbgrader autograde``; the run is left in the resources for ``SaveScores``."""
        names = resources["nbgrader"]
        course = Course(Path.cwd(), self.config)
        notebook = course.assignment(names["assignment"]).notebooks[names["notebook"]]
        files = Path(resources["metadata"]["path"])
        run = run_notebook(notebook, nb, files=files, seed=course.seed)
        resources[RESOURCE] = run
        return run.notebook, resources


def run_notebook(
    notebook: Notebook,
    nb: NotebookNode,
    *,
    files: Path | None,
    seed: str,
    reference: bool = False,
    limits: settings.Execute | None = None,
) -> NotebookRun:
    """Run a rebuilt notebook and return what came of it.

    Args:
        notebook: The instructor's side: visible parts and hidden regions are taken from it, never from ``nb``.
        nb: The notebook to run; it is changed in place.
        files: Folder whose files are copied into the working directory, or None.
        seed: Seed of the hidden inputs.
        reference: Whether this is the instructor's own answer, which also emits tolerances and targets.
        limits: What it may use up; by default what the course has set.

    Raises:
        NoBoxError: Student code cannot be locked up on this machine.
    """
    limits = limits or notebook.assignment.course.settings.execute
    variables = {"NBGRADER_EXECUTION": "autograde", SEED_VARIABLE: seed, **_QUICK_PIP}
    if reference:
        variables[REFERENCE_VARIABLE] = "1"
    hidden = notebook.assignment.folder / "hidden"
    with cores.lease() as core:
        box = Wanted(
            files=str(files) if files else None,
            hidden=str(hidden) if hidden.is_dir() else None,
            variables=variables,
            limits=limits_of(limits),
            require_rung=limits.require_rung,
            core=core,
            modules=warm.modules(notebook.assignment),
        )
        return _to_the_end(_Run(limits, notebook, nb, box, reference).all())


def _to_the_end(work: Coroutine[Any, Any, NotebookRun]) -> NotebookRun:
    """Run a coroutine in an event loop of its own, also where one is running already, as in a Jupyter server."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


class _Run:
    """One notebook while it runs."""

    def __init__(
        self, limits: settings.Execute, notebook: Notebook, nb: NotebookNode, box: Wanted, reference: bool
    ) -> None:
        self.limits, self.notebook, self.nb, self.box, self.reference = limits, notebook, nb, box, reference
        self.result = NotebookRun(nb)
        self.kernel: Conversation | None = None
        #: Id and source of all that did the kernel no harm, and whether it is a region.
        self.replay: list[tuple[str, str, bool]] = []
        self.careful = False  # whether the kernel is checked after each of them
        self.added = {cell.id for cell in nb.cells if is_extra(cell)}  # by the student, beside what was released
        released = {cell.source for cell in notebook.release.cells}  # one that a student has changed is the student's
        given = [cell for cell in nb.cells if cell.source in released or grade_id(cell) in notebook.graded]
        self.given = {cell.id for cell in given if not is_answer(cell)} - self.added
        regions = tuple(read_region(cell.hidden).told for cell in notebook.graded.values() if cell.hidden)
        self.lending = lending(regions)
        self.without = False  # whether those are left out
        self.seconds = limits.timeout
        self.started, self.spent = time.monotonic(), 0.0
        self.given_up, self.failures = "", 0
        self.room = Room(5 * limits.output_bytes, limits.output_bytes, limits.evidence_bytes, limits.flood_bytes)

    async def all(self) -> NotebookRun:
        """Run every code cell."""
        try:
            for cell in self.nb.cells:
                if cell.cell_type == "code":
                    await self._cell(cell)
            if self.reference:
                await self._learn_imports()
        finally:
            await self._end(self.without)
        self.result.seconds = round(self.spent, 3)
        return self.result

    async def _learn_imports(self) -> None:
        """Have what this notebook imported imported before the next fork."""
        if self.kernel is not None and self.kernel.alive:
            room = Room(self.limits.output_bytes, self.limits.output_bytes, 0, self.limits.flood_bytes)
            said = await self.kernel.execute(warm.IMPORTED, _CHECK_SECONDS, room)
            text = "".join(output.get("text", "") for output in said.outputs)
            if said.verdict == "ok" and text:
                warm.learn(self.notebook, text.split())

    async def _cell(self, cell: NotebookNode) -> None:
        graded = self.notebook.graded.get(grade_id(cell))
        cell.outputs, cell.execution_count = [], None
        if graded is not None and not graded.manual:
            self.result.cells[graded.grade_id] = await self._grade(cell, graded)
        elif cell.source.strip():
            said = await self._execute(cell.id, cell.source)
            cell.outputs = said.outputs
            if said.verdict not in ("ok", "error"):
                self.result.others[cell.id] = said.verdict

    async def _grade(self, cell: NotebookNode, graded: GradedCell) -> CellRun:
        """Run the visible part, then the hidden region, each on its own."""
        started = time.monotonic()
        cell.source = graded.visible
        said = Said("ok")
        if graded.entire:
            said = await self._execute(cell.id, graded.entire)  # its outputs tell of the region: nobody sees them
        elif graded.visible.strip():
            said = await self._execute(cell.id, graded.visible)
            cell.outputs = said.outputs
        run = CellRun(visible=said.verdict, complained=said.complained)
        if graded.hidden is not None and not graded.entire:
            region = read_region(graded.hidden)
            source = region.reference if self.reference else region.told
            said = await self._execute(cell.id, source, hidden=True)
        run.verdict, run.error, run.records, run.credit = said.verdict, said.error, said.records, said.result
        run.complained |= said.complained
        run.seconds = round(time.monotonic() - started, 3)
        return run

    async def _execute(self, cell_id: str, source: str, hidden: bool = False) -> Said:
        """Execute one piece of code; afterwards the kernel may be gone."""
        said = await self._attempt(cell_id, source, hidden)
        if self._innocent(said):
            self.careful = True  # an earlier cell may have left something behind: try again without it
            again = await self._attempt(cell_id, source, hidden)
            said = said if again.verdict == "not_run" else again
            if self._innocent(said) and any(cell in self.added for cell, *_ in self.replay):
                said = await self._otherwise(cell_id, source, hidden, said)
        elif said.verdict == "error" and self.without:
            said = await self._otherwise(cell_id, source, hidden, said)  # it may need what one of them defines
        self.room = said.room or self.room  # what was tried in vain takes none
        kept = not hidden or source in self.lending
        if kept and (said.verdict == "error" or self._harmless(said)):  # what came before its error is there
            self.replay.append((cell_id, source, hidden))
        return said

    def _innocent(self, said: Said) -> bool:
        """Say whether the kernel came to harm for which an earlier cell may be to blame."""
        return not self._harmless(said) and said.verdict not in _OWN_FAULT

    async def _otherwise(self, cell_id: str, source: str, hidden: bool, said: Said) -> Said:
        """Try once more without the cells that the student added, or with them again if they were left out.

        One may have set off what ends every kernel a moment later.  Only an end that is right is taken, and what comes
        next then runs in the same way; else it runs as before.
        """
        before = self.without
        await self._end(not before)
        again = await self._attempt(cell_id, source, hidden)
        if again.verdict == "ok":
            return again
        await self._end(before)
        return said

    async def _end(self, without: bool) -> None:
        """End the kernel; the next one begins with or without the cells that the student added."""
        self.without = without
        if self.kernel is not None:
            await self.kernel.close()

    async def _attempt(self, cell_id: str, source: str, hidden: bool) -> Said:
        kernel = await self._living_kernel()
        if kernel is None:
            return Said("not_run", self.given_up or f"the notebook used up its {self.limits.notebook_seconds:g} s")
        footing = self._footing(cell_id, hidden)
        said = await self._charge(kernel, source, replace(self.room), evidence=hidden, **footing)
        if said.verdict == "timeout":
            self.seconds = max(_SHORTEST, self.seconds / 2)
        return said

    def _footing(self, cell_id: str, hidden: bool) -> dict[str, Any]:
        return {"theirs": self.notebook.theirs} if hidden else {"given": cell_id in self.given}

    def _harmless(self, said: Said) -> bool:
        """Say whether the kernel was none the worse for what was executed last."""
        return self.kernel is not None and self.kernel.alive and said.verdict not in ("timeout", "output_limit")

    def _time(self) -> float:
        budget = Budget.begin(self.limits.notebook_seconds, 0.0, self.started)
        left = min(budget.seconds - self.spent, budget.wall - (time.monotonic() - self.started))
        return max(0.0, min(self.seconds, left))

    async def _charge(self, kernel: Conversation, source: str, room: Room, **more: Any) -> Said:
        """Execute one piece of code at the cost of the notebook; its first kernel costs it nothing."""
        before = kernel.own
        said = await kernel.execute(source, self._time(), room, **more)
        self.spent += kernel.own - before
        return said

    # -- kernels ------------------------------------------------------------------------------------------------------

    async def _living_kernel(self) -> Conversation | None:
        """Return a kernel in which every harmless cell has run; None when there can be none any more."""
        while self.kernel is None or not self.kernel.alive:
            if self.kernel is not None:
                await self.kernel.close()
                self.kernel = None
                self.result.restarts, self.spent = self.result.restarts + 1, self.spent + RESTART
            if self._time() == 0.0 or self.given_up:
                return None
            await self._start()
        return self.kernel if self._time() > 0.0 else None

    async def _start(self) -> None:
        try:
            self.kernel = await Conversation.begin(self.box, self.limits.flood_bytes)
        except ConversationError as error:
            self.failures += 1
            self.given_up = str(error) if self.failures >= _STARTS else ""
            return
        self.result.rung = self.kernel.kernel.rung
        await self._replay()

    async def _replay(self) -> None:
        """Run the harmless cells again; one that does harm this time is dropped, and the kernel with it.

        A cell that follows one that the student added may be innocent: all of those are left out then instead.
        """
        assert self.kernel is not None
        nothing = Room(0, 0, 0, self.limits.flood_bytes)
        entries = [entry for entry in self.replay if not (self.without and entry[0] in self.added)]
        for number, entry in enumerate(entries):
            said = await self._charge(self.kernel, entry[1], nothing, **self._footing(entry[0], entry[2]))
            if self.careful and self._harmless(said):  # does the kernel still work after it?
                said = await self.kernel.execute("pass", _CHECK_SECONDS, nothing)
            if not self._harmless(said):
                if any(earlier in self.added for earlier, *_ in entries[:number]):
                    self.without = True
                elif self._time() > 0.0:  # else the notebook's time is up, which is not this cell's doing
                    self.replay.remove(entry)
                    self.result.others[entry[0]] = said.verdict
                await self.kernel.close()
                return
