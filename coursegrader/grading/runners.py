"""Who runs the notebooks: what is a job, and how do the cores of this machine share them?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

from coursegrader.box import isolation
from coursegrader.course.course import Assignment
from coursegrader.engine.workers import threads
from coursegrader.errors import CourseError, NoBoxError
from coursegrader.grading.running import SubmissionRun, run_submission

MAX_HELD = 16 << 20  # bytes of submissions from which on no further one is read until one is finished


@dataclass(frozen=True)
class Job:
    """One handed-in notebook to run: everything a worker may know about it.

    Attributes:
        student: Student id.
        notebook: Notebook name.
        raw: The file as handed in.
        files: Side files by relative path.
        key: Content address of the run.
    """

    student: str
    notebook: str
    raw: bytes
    files: dict[str, bytes]
    key: str

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        return len(self.raw) + sum(map(len, self.files.values()))


#: What a runner gives back, one job at a time; closing it ends everything that still runs.
Runs = Generator[tuple[Job, "SubmissionRun | Exception"], None, None]
#: Runs jobs in any order; a job that could not be run comes back with the exception.
Runner = Callable[[Assignment, Iterable[Job], str], Runs]


def local_runner(workers: int) -> Runner:
    """Return a runner with that many threads; each drives its own kernel in its own box.

    One notebook that no box could be built for costs only itself; after many in a row it is the machine.
    """

    def run(assignment: Assignment, jobs: Iterable[Job], seed: str) -> Runs:
        without_box = 0
        waiting: dict[Future[SubmissionRun], Job] = {}
        with threads(workers) as pool:
            source = iter(jobs)

            def pull() -> bool:
                if (job := next(source, None)) is None:
                    return False
                isolation.probe(
                    assignment.course.settings.execute.require_rung
                )  # where nothing is to be run, none is needed
                notebook = assignment.notebooks[job.notebook]
                waiting[pool.submit(run_submission, notebook, job.raw, job.files, seed)] = job
                return True

            while True:
                while _room(waiting.values(), workers) and pull():
                    pass
                if not waiting:
                    return
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    error = future.exception()
                    without_box = without_box + 1 if isinstance(error, NoBoxError) else 0
                    if error is not None and (without_box > 2 * workers or not isinstance(error, Exception)):
                        pool.shutdown(cancel_futures=True)
                        raise error
                    yield waiting.pop(future), error or future.result()

    return run


def _room(waiting: Collection[Job], workers: int) -> bool:
    """Say whether another submission may be read while these are waiting or running."""
    return len(waiting) < 2 * workers and sum(job.size for job in waiting) < MAX_HELD


def run_nothing(assignment: Assignment, jobs: Iterable[Job], seed: str) -> Runs:
    """Be the runner of a re-judging: read every submission, run none."""
    yield from ((job, CourseError("was never run with these tests; grade it without --rejudge")) for job in jobs)
