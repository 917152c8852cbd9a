"""What does a machine need to run notebooks for somebody else, and how does it run one?

The other end of :mod:`coursegrader.grading.cluster.runner`: what is here runs inside a Dask worker.
It is given released notebooks with their hidden regions and the files these read, never a reference solution, a truth
file, a gradebook, a student's name or another submission.
"""

from __future__ import annotations

import asyncio
import copy
import io
import json
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import ClearHiddenTests
from tornado.ioloop import PeriodicCallback
from traitlets.config import Config

from coursegrader.box import forkserver, isolation
from coursegrader.course.course import Assignment, Course, Notebook
from coursegrader.course.metadata import grade_id
from coursegrader.engine import warm
from coursegrader.engine.execute import Execute
from coursegrader.errors import ClusterError
from coursegrader.grading.cache import environment, installed
from coursegrader.grading.running import run_submission
from coursegrader.model import encoded

IDLE_SECONDS = 900  # a grader that was killed cannot say goodbye: without work for so long, everything of it is removed
_MANIFEST = "manifest.json"


class NotEnlisted(ClusterError):  # noqa: N818 -- it is no failure: the worker is asked again
    """The worker was restarted, or had nothing to do for long, and must be enlisted again."""


# -- what travels once ------------------------------------------------------------------------------------------------


def pack(assignment: Assignment) -> bytes:
    """Return what a worker must know of an assignment, as a ZIP archive.

    Raises:
        ClusterError: A setting of ``Execute`` cannot be sent.
    """
    config = assignment.course.config
    kinds = dict.fromkeys([*Execute.__mro__, *ClearHiddenTests.__mro__])
    sections = {entry.__name__: config[entry.__name__] for entry in kinds if entry.__name__ in config}
    notebooks = {
        name: {known: getattr(notebook, known) for known in ("executed", "release", "imported", "theirs")}
        for name, notebook in assignment.notebooks.items()
    }
    try:
        manifest = json.dumps({"assignment": assignment.name, "config": sections, "notebooks": notebooks})
    except TypeError as error:
        raise ClusterError(f"a setting of c.Execute cannot be sent to other machines: {error}") from error
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(_MANIFEST, manifest)
        for name, notebook in assignment.notebooks.items():
            file.writestr(f"source/{assignment.name}/{name}.ipynb", json.dumps(_without_answers(notebook)))
        hidden = [path for path in sorted((assignment.folder / "hidden").rglob("*")) if path.is_file()]
        for path in warm.folder(assignment).glob("*.json"):
            file.write(path, path.relative_to(assignment.course.root).as_posix())
        for path in [*(assignment.folder / relative for relative in assignment.side_files()), *hidden]:
            file.write(path, f"source/{assignment.name}/{path.relative_to(assignment.folder).as_posix()}")
    return archive.getvalue()


def _without_answers(notebook: Notebook) -> NotebookNode:
    """Return the student version with the instructor's own test cells: no solution, no mark scheme."""
    own = {grade_id(cell): cell.source for cell in notebook.source.cells}
    nb = copy.deepcopy(notebook.release)
    for cell in nb.cells:
        graded = notebook.graded.get(grade_id(cell))
        if graded is not None and not graded.manual:
            cell.source = own[graded.grade_id]
    return nb


def unpack(payload: bytes, folder: Path) -> Assignment:
    """Lay out what :func:`pack` returned in an empty folder, and return the assignment as it is known there."""
    with zipfile.ZipFile(io.BytesIO(payload)) as file:
        file.extractall(folder)
    manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
    assignment = Course(folder, Config(manifest["config"])).assignment(manifest["assignment"])
    for name, known in manifest["notebooks"].items():
        # what these would be worked out from did not travel
        known["release"] = from_dict(known["release"])
        vars(assignment.notebooks[name]).update(known)
    return assignment


# -- one worker -------------------------------------------------------------------------------------------------------


class Grader(WorkerPlugin):
    """Everything a Dask worker keeps for one grading run: the assignment's files, and the server that forks kernels.

    Args:
        name: Name of the grading run.
        payload: What :func:`pack` returned.
    """

    def __init__(self, name: str, payload: bytes) -> None:
        self.name = name
        self.payload = payload
        self.running: set[int] = set()  # threads
        self.last_used = time.monotonic()

    async def setup(self, worker: Worker) -> None:
        """Unpack the files and warm up the fork server, while the worker goes on answering."""
        self.folder = tempfile.TemporaryDirectory(prefix="coursegrader-", dir=worker.local_directory)
        self.watch = PeriodicCallback(lambda: self._leave_if_idle(worker), 60_000)
        self.watch.start()
        rung = await asyncio.to_thread(self._prepare)
        self.places = 1 if rung == 3 else int(worker.state.nthreads)  # rung 3 holds for one box at a time
        self.room = threading.Semaphore(self.places)

    def _prepare(self) -> int:
        with self._in_use():
            self.assignment = unpack(self.payload, Path(self.folder.name))
            self.payload = b""
            required = self.assignment.course.settings.execute.require_rung
            rung = isolation.probe(required).rung
            forkserver.shared(rung).warm(warm.modules(self.assignment))
        return rung

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Note that this thread uses the files, so that they are not removed under it, to be written once more."""
        self.running.add(threading.get_ident())
        try:
            yield
        finally:
            self.last_used = time.monotonic()
            self.running.discard(threading.get_ident())

    async def _leave_if_idle(self, worker: Worker) -> None:
        if not self.running and time.monotonic() - self.last_used > IDLE_SECONDS:
            await worker.plugin_remove(self.name)

    async def teardown(self, worker: Worker) -> None:
        """Remove the files; the last grading run on this worker takes the fork server with it."""
        self.watch.stop()
        await self._close_server(worker)  # what is broken off ends now
        while self.running:
            await asyncio.sleep(0.05)
        await self._close_server(worker)  # what was just beginning may have started another
        self.folder.cleanup()

    async def _close_server(self, worker: Worker) -> None:
        if not any(isinstance(plugin, Grader) for plugin in worker.plugins.values()):
            await asyncio.to_thread(forkserver.close)

    def grade(self, notebook: str, raw: bytes, files: dict[str, bytes], seed: str) -> bytes:
        """Run one notebook; see :func:`coursegrader.grading.running.run_submission`."""
        with self._in_use(), self.room:
            graded = run_submission(self.assignment.notebooks[notebook], raw, files, seed)
        return zlib.compress(json.dumps(encoded(graded)).encode(), level=1)


async def enlist(name: str, versions: dict[str, str], payload: bytes, dask_worker: Worker) -> int:
    """Make a worker ready for a grading run and return how many notebooks it can run at once.

    Args:
        name: Name of the grading run.
        versions: What :mod:`coursegrader.grading.cache` says of the grader's machine.
        payload: What :func:`pack` returned.
        dask_worker: The worker this runs in; given by Dask.

    Raises:
        ClusterError: Another version of something that can change a result is installed here.
        NoBoxError: Student code cannot be locked up here.
    """
    here = environment()
    here = {**installed(set(versions) - set(here)), **here}
    other = [
        f"{key} {here.get(key, 'absent')} (the grader has {versions[key]})"
        for key in versions
        if here.get(key) != versions[key]
    ]
    if other:
        raise ClusterError(f"another environment: {', '.join(other)}; install the same versions on both")
    grader = Grader(name, payload)
    try:
        await dask_worker.plugin_add(grader, name, catch_errors=False)
    except Exception:
        await dask_worker.plugin_remove(name)
        raise
    return grader.places


async def dismiss(name: str, dask_worker: Worker) -> None:
    """End a grading run on a worker; nothing of it stays there."""
    if name in dask_worker.plugins:
        await dask_worker.plugin_remove(name)


class Call:
    """A call of :func:`run_job` that is made when it is unpickled."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return run_job, self.arguments


def run_job(name: str, notebook: str, raw: bytes, files: dict[str, bytes], seed: str) -> bytes:
    """Run one notebook on the worker this is called in, and return the compressed JSON of what came of it.

    Raises:
        NotEnlisted: The worker does not know this grading run (any more).
    """
    grader = get_worker().plugins.get(name)
    if not isinstance(grader, Grader):
        raise NotEnlisted(f"{get_worker().address} does not know {name}")
    return grader.grade(notebook, raw, files, seed)
