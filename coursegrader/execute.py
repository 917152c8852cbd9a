"""How is a notebook run cell by cell, and what happens when a cell kills, hangs or floods it?

Every cell runs in a kernel of its own box.
The visible part and the hidden region of a grade cell are two executions; evidence counts only while the region runs.
A cell that kills the kernel loses only itself: a fresh kernel replays the others.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.preprocessors import Execute as NbgraderExecute
from traitlets import Integer

from coursegrader.course import Course, GradedCell, Notebook
from coursegrader.errors import CourseGraderError
from coursegrader.evidence import MIME, REFERENCE_VARIABLE, SEED_VARIABLE
from coursegrader.kernel import BoxedKernelManager

RESOURCE = "coursegrader"  # where one preprocessor leaves what the next one needs
_OUTPUTS = {"stream", "display_data", "execute_result", "update_display_data", "error"}
_MAX_RECORDS = 1000


@dataclass
class CellRun:
    """What came of running one grade cell's hidden region.

    Attributes:
        verdict: ``ok``, ``error``, ``timeout``, ``kernel_died:...``, ``output_limit``, ``memory_limit``,
            ``disk_limit``, ``process_limit``, ``protocol_error`` or ``not_run``.
        records: Evidence as emitted; not yet believed.
        error: Exception and message of the hidden region (from the student's kernel: never shown to students).
        visible: Verdict of the visible part.
        seconds: Time both parts took.
    """

    verdict: str = "not_run"
    records: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    visible: str = "not_run"
    seconds: float = 0.0


@dataclass
class NotebookRun:
    """What came of running one notebook: plain data, so that it can be cached and sent between machines.

    Attributes:
        notebook: The executed notebook, hidden regions not in it.
        cells: Run of each autograded cell by grade_id.
        others: Verdict of every other code cell that did not end well, by cell id.
        rung: Isolation rung the kernel ran on.
        seconds: Wall time.
        restarts: Kernels that had to be replaced.
    """

    notebook: NotebookNode
    cells: dict[str, CellRun] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    rung: int = 0
    seconds: float = 0.0
    restarts: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> NotebookRun:
        """Build a run from what :meth:`to_json` returned."""
        from nbformat import from_dict

        cells = {key: CellRun(**value) for key, value in data["cells"].items()}
        return cls(**{**data, "notebook": from_dict(data["notebook"]), "cells": cells})


@dataclass
class _Outcome:
    """How one execution ended."""

    verdict: str
    error: str = ""


class Execute(NbgraderExecute):
    """nbgrader's Execute, always boxed, with budgets, evidence and a replay after a kernel's death."""

    timeout = Integer(20, help="Seconds one execution may take.").tag(config=True)
    notebook_seconds = Integer(120, help="Seconds one notebook may take.").tag(config=True)
    output_bytes = Integer(1_000_000, help="Bytes of output kept of one execution; the rest is cut.").tag(config=True)
    flood_bytes = Integer(20_000_000, help="Bytes of output at which an execution is stopped.").tag(config=True)
    max_restarts = Integer(8, help="Kernels one notebook may use up before the rest of it is given up.").tag(
        config=True
    )
    require_rung = Integer(5, help="Refuse to grade on a weaker isolation rung than this.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        """Take nbgrader's arguments; the kernel manager is always the boxed one."""
        kwargs["kernel_manager_class"] = BoxedKernelManager
        super().__init__(**kwargs)
        self.shutdown_kernel = "immediate"
        self.record_timing = False
        self.store_widget_state = False

    # -- nbgrader's entrance ------------------------------------------------------------------------------------------

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict, km: Any = None
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Run a notebook inside ``nbgrader autograde``; the run is left in the resources for ``SaveScores``."""
        names = resources["nbgrader"]
        course = Course(Path.cwd(), self.config)
        notebook = course.assignment(names["assignment"]).notebooks[names["notebook"]]
        files = Path(resources["metadata"]["path"])
        run = self.run(notebook, nb, files=files, seed=course.seed)
        resources[RESOURCE] = run
        return run.notebook, resources

    # -- the pure function --------------------------------------------------------------------------------------------

    def run(
        self, notebook: Notebook, nb: NotebookNode, *, files: Path | None, seed: str, reference: bool = False
    ) -> NotebookRun:
        """Run a rebuilt notebook and return what came of it.

        Args:
            notebook: The instructor's side: visible parts and hidden regions are taken from it, never from ``nb``.
            nb: The notebook to run; it is changed in place.
            files: Folder whose files are copied into the working directory, or None.
            seed: Seed of the hidden inputs.
            reference: Whether this is the instructor's own answer, which also emits tolerances and targets.

        Raises:
            NoBoxError: Student code cannot be locked up on this machine.
        """
        self._setup(notebook, nb, files, seed, reference)
        started = time.monotonic()
        self._deadline = started + self.notebook_seconds
        try:
            run_sync(self._run_cells)()
        finally:
            run_sync(self._close_kernel)()
        self._run.seconds = round(time.monotonic() - started, 3)
        return self._run

    def _setup(self, notebook: Notebook, nb: NotebookNode, files: Path | None, seed: str, reference: bool) -> None:
        self.nb, self.kc = nb, None
        self.km: Any = None
        self.owns_km = True
        self.reset_execution_trackers()
        self._notebook = notebook
        self._run = NotebookRun(nb)
        self._files = files
        self._variables = {"NBGRADER_EXECUTION": "autograde", SEED_VARIABLE: seed}
        if reference:
            self._variables[REFERENCE_VARIABLE] = "1"
        self._replay: list[str] = []
        self._records: list[dict[str, Any]] | None = None
        self._reply: dict[str, Any] = {}
        self._written = 0
        self._stopped = ""

    async def _run_cells(self) -> None:
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type != "code":
                continue
            graded = self._notebook.graded.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
            if graded is not None and not graded.manual:
                self._run.cells[graded.grade_id] = await self._grade(cell, index, graded)
            elif cell.source.strip():
                outcome = await self._step(cell, index)
                if outcome.verdict not in ("ok", "error"):
                    self._run.others[str(cell.id)] = outcome.verdict

    async def _grade(self, cell: NotebookNode, index: int, graded: GradedCell) -> CellRun:
        """Run the visible part, then the hidden region, each on its own."""
        started = time.monotonic()
        run = CellRun(visible="ok", verdict="ok")
        cell.source, cell.outputs = graded.visible, []
        if graded.visible.strip():
            outcome = await self._step(cell, index)
            run.visible, run.verdict, run.error = outcome.verdict, outcome.verdict, outcome.error
        if graded.hidden is not None:
            self._records = run.records
            outcome = await self._step(new_code_cell(graded.hidden), index, replay=False)
            self._records = None
            run.verdict, run.error = outcome.verdict, outcome.error
            self.nb.cells[index] = cell  # nbclient puts what it ran in this place
        run.seconds = round(time.monotonic() - started, 3)
        return run

    # -- one execution ------------------------------------------------------------------------------------------------

    async def _step(self, cell: NotebookNode, index: int, replay: bool = True) -> _Outcome:
        """Execute one piece of code and say how it ended; afterwards the kernel may be gone."""
        if time.monotonic() > self._deadline:
            return _Outcome("not_run", f"the notebook used up its {self.notebook_seconds} s")
        if not await self._ensure_kernel(index):
            return _Outcome("not_run", f"{self.max_restarts} kernels died")
        outcome = await self._execute(cell, index)
        if replay and outcome.verdict in ("ok", "error"):
            self._replay.append(cell.source)
        return outcome

    async def _execute(self, cell: NotebookNode, index: int) -> _Outcome:
        self._written, self._stopped, self._reply = 0, "", {}
        try:
            await self.async_execute_cell(cell, index)
        except DeadKernelError:
            outcome = _Outcome(self._stopped or self.km.provisioner.verdict or "kernel_died")
        except CellTimeoutError:
            outcome = _Outcome(self._stopped or "timeout", "interrupts were ignored")
        except CourseGraderError:
            raise
        except Exception as error:  # whatever a hostile kernel sends must end as this cell's verdict
            self.log.warning("protocol error in %s: %r", self._notebook.name, error)
            outcome = _Outcome("protocol_error", repr(error)[:300])
        else:
            return self._verdict_of_reply()
        await self._close_kernel()
        return outcome

    def _verdict_of_reply(self) -> _Outcome:
        reply = self._reply
        if self._stopped:
            return _Outcome(self._stopped)
        if reply.get("status") != "error":
            return _Outcome("ok")
        name, value = str(reply.get("ename")), str(reply.get("evalue"))
        error = f"{name}: {value}"[:500]
        if name == "CellTimeoutError":
            return _Outcome("timeout", error)
        for pattern, verdict in _RESOURCE_ERRORS:
            if re.search(pattern, error):
                return _Outcome(verdict, error)
        return _Outcome("error", error)

    def on_cell_executed(self, **kwargs: Any) -> None:
        """Remember the reply; nbgrader records the error in the cell."""
        self._reply = kwargs["execute_reply"]["content"]
        super().on_cell_executed(**kwargs)

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Collect evidence and cut output while it streams."""
        kind, content = msg["msg_type"], msg["content"]
        if kind in _OUTPUTS or kind.startswith("comm"):
            self._written += _size(content) + sum(len(buffer) for buffer in msg.get("buffers", []))
            if self._records is not None and kind == "display_data" and MIME in content["data"]:
                if len(self._records) < _MAX_RECORDS and self._written < self.flood_bytes:
                    self._records.append(content["data"][MIME])
                return None
            if self._written > self.flood_bytes and not self._stopped:
                self._stopped = "output_limit"
                self._stopping = asyncio.ensure_future(self.km.interrupt_kernel())
            elif self._written > 2 * self.flood_bytes:
                self._stopping = asyncio.ensure_future(self.km.provisioner.kill())
            if self._written > self.output_bytes:
                return None
        return super().process_message(msg, cell, cell_index)

    def _get_timeout(self, cell: NotebookNode | None) -> int | None:
        return int(max(1, min(self.timeout, self._deadline - time.monotonic() + 1)))

    # -- kernels ------------------------------------------------------------------------------------------------------

    def create_kernel_manager(self) -> BoxedKernelManager:
        """Make a manager that can only start boxed kernels, whatever the notebook's metadata asks for."""
        hidden = self._notebook.assignment.folder / "hidden"
        manager = self.km = BoxedKernelManager(
            kernel_name="python3",
            files=str(self._files) if self._files else None,
            hidden=str(hidden) if hidden.is_dir() else None,
            variables=self._variables,
            require_rung=self.require_rung,
        )
        return manager

    async def _ensure_kernel(self, index: int) -> bool:
        """Have a living kernel in which every cell that did no harm was replayed; False if that is given up."""
        while self.km is None or await self.km.provisioner.poll() is not None:
            if self.km is not None:
                await self._close_kernel()
            if self._run.restarts >= self.max_restarts:
                return False
            manager = self.create_kernel_manager()
            await self.async_start_new_kernel()
            await self.async_start_new_kernel_client()
            self._run.restarts += self._run.rung > 0  # the first kernel is no restart
            self._run.rung = manager.rung or 0
            await self._replay_all(index)
        return True

    async def _replay_all(self, index: int) -> None:
        """Run the harmless cells again; one that does harm this time is dropped, and the kernel with it."""
        cell, records, self._records = self.nb.cells[index], self._records, None
        for source in list(self._replay):
            outcome = await self._execute(new_code_cell(source), index)
            if outcome.verdict not in ("ok", "error"):
                self._replay.remove(source)
                break
        self.nb.cells[index], self._records = cell, records

    async def _close_kernel(self) -> None:
        if self.km is not None:
            await self._async_cleanup_kernel()
        self.km = self.kc = None

    async def _async_poll_kernel_alive(self) -> None:
        """Notice a death when it happens, not at the next second."""
        await self.km.provisioner.exited()
        await asyncio.sleep(0.05)  # a reply that was sent before the death may still be on its way
        if self.task_poll_for_reply is not None:
            self.task_poll_for_reply.cancel()


_RESOURCE_ERRORS = [
    (r"^OSError: \[Errno (28|122)\]|^OSError: \[Errno 27\]|No space left on device", "disk_limit"),
    (r"^BlockingIOError: \[Errno 11\]|can't start new thread", "process_limit"),
    (r"^MemoryError|DefaultCPUAllocator: (not enough|can't allocate) memory", "memory_limit"),
]


def _size(content: dict[str, Any]) -> int:
    """Return about how many bytes of output a message holds."""
    text = content.get("text")
    if isinstance(text, str):
        return len(text)
    data = content.get("data")
    if isinstance(data, dict):
        return sum(len(value) if isinstance(value, str) else len(str(value)) for value in data.values())
    return len(str(content))


# -- what a student may read of an error inside a hidden region -------------------------------------------------------

_PLAIN_MESSAGES = [
    r"mat1 and mat2 shapes cannot be multiplied \(\d+x\d+ and \d+x\d+\)",
    r"The size of tensor a \(\d+\) must match the size of tensor b \(\d+\) at non-singleton dimension \d+",
    r"The expanded size of the tensor \(\d+\) must match the existing size \(\d+\) at non-singleton dimension \d+\.",
    r"Expected size for first two dimensions of batch2 tensor to be: \[\d+, \d+\] but got: \[\d+, \d+\]\.",
    r"(list )?index (\d+ )?(is )?out of (range|bounds)( for dimension \d+ with size \d+| for axis \d+ with size \d+)?",
    r"too many values to unpack \(expected \d+\)",
    r"not enough values to unpack \(expected \d+, got \d+\)",
    r"maximum recursion depth exceeded.{0,40}",
    r"element 0 of tensors does not require grad and does not have a grad_fn",
    r"cannot unpack non-iterable (Tensor|NoneType|float|int) object",
    r"division by zero",
]
_PLAIN_NAMES = {
    name
    for name, value in vars(__import__("builtins")).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}


def plain_error(error: str) -> str:
    """Return what may be said of an error that came from the student's kernel while a hidden region ran.

    The kernel can put anything into an exception's name and text, hidden source too; only a built-in exception's
    name passes, and only messages that hold nothing but small numbers.
    """
    name, _, message = error.partition(": ")
    if name not in _PLAIN_NAMES:
        return "an error"
    if name == "NotImplementedError":
        return "NotImplementedError: this part is not written yet"
    if name == "NameError":
        return "NameError: something the test needs is not defined"
    head = message.strip().splitlines()[0] if message.strip() else ""
    if any(re.fullmatch(pattern, head) for pattern in _PLAIN_MESSAGES):
        return f"{name}: {head}"
    return name
