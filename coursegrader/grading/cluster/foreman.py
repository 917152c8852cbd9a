"""Who gets what, so that a notebook comes back exactly once whatever dies?

A worker that vanishes, falls silent or refuses is left alone, and its notebooks go to others.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import pickle
import secrets
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor, wait
from queue import Empty, SimpleQueue
from typing import Any

import dask
from distributed import Client, Future

from coursegrader.course.course import Assignment
from coursegrader.errors import ClusterError, NoBoxError
from coursegrader.grading.cache import versions
from coursegrader.grading.cluster.roll import Patience, Task, Tell, Worker, result_of
from coursegrader.grading.cluster.worker import Call, NotEnlisted, dismiss, enlist, pack
from coursegrader.grading.runners import MAX_HELD, Job, Runs
from coursegrader.grading.running import SubmissionRun
from coursegrader.model import decoded

ATTEMPTS = 3  # on different workers where there are so many
_LOOK_SECONDS = 1.0
_FETCH_SECONDS = 60  # a result may be some megabytes


class Foreman:
    """Gives notebooks to workers during one grading run."""

    def __init__(
        self, client: Client, address: str, assignment: Assignment, seed: str, tell: Tell, patience: Patience
    ) -> None:
        self.client, self.address, self.seed, self.tell, self.patience = client, address, seed, tell, patience
        self.name = f"coursegrader-{secrets.token_hex(8)}"
        self.payload, self.versions = pack(assignment), versions(assignment)
        budget = assignment.course.settings.execute.notebook_seconds
        self.seconds = patience.notebook or 4 * budget + 120  # one waits for another, kernels start anew
        self.workers: dict[str, Worker] = {}
        self.again: list[Task] = []
        self.finished: list[tuple[Job, SubmissionRun | Exception]] = []
        self.events: SimpleQueue[tuple[Future | None, bytes | BaseException | None]] = SimpleQueue()
        self.threads = ThreadPoolExecutor(32, thread_name_prefix="cluster")
        self.looked = 0.0
        self.answered = time.monotonic()
        self.known: dict[str, dict[str, Any]] = {}
        self.last_usable = time.monotonic()

    def __enter__(self) -> Foreman:
        return self

    def __exit__(self, *exception: object) -> None:
        """Take back what is still out and leave nothing on the workers that can be reached."""
        if self.client.status == "running":
            self.client.cancel([future for worker in self.workers.values() for future in worker.tasks])
            goodbye = self.threads.submit(self.client.run, dismiss, self.name, on_error="ignore")
            wait([goodbye], self.patience.scheduler)  # a worker that cannot be reached removes the files by itself
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.client.close(timeout=1)

    def results(self, jobs: Iterator[Job]) -> Runs:
        """Run all jobs and yield each exactly once.

        Raises:
            ClusterError: The scheduler is gone, or no worker can be used.
        """
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"}):  # handed-in files
            self._look()
            while True:
                self._hand_out(jobs)
                yield from self._arrived()
                if not self.again and not any(worker.tasks for worker in self.workers.values()):
                    if (job := next(jobs, None)) is None:
                        return
                    self.again.append(Task(job))
                try:
                    self._wait()
                    self._look()
                except ClusterError:
                    yield from self._arrived()  # is not run again by the next command
                    raise

    def _arrived(self) -> Runs:
        """Yield what has come to an end; no clock runs while it is being saved."""
        while self.finished:
            started = time.monotonic()
            yield self.finished.pop(0)
            saving = time.monotonic() - started
            self.answered += saving
            self.last_usable += saving
            for worker in self.workers.values():
                worker.heard += saving
                for task in worker.tasks.values():
                    task.deadline += saving

    # -- workers ------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """See, once a second, who is there, who is new and who is lost."""
        now = time.monotonic()
        if now - self.looked < _LOOK_SECONDS:
            return
        self.looked = now
        if self.client.status != "running":
            raise self._scheduler_is_gone()
        known = self._known_workers(now)
        for address, entry in known.items():
            worker = self.workers.get(address)
            if worker is None:
                worker = self.workers[address] = Worker(address)
                self.threads.submit(self._enlist, worker)
            worker.resting = entry["status"] != "running"
            if entry["last_seen"] != worker.heartbeat:
                worker.heartbeat, worker.heard, worker.silent = entry["last_seen"], now, False
            elif now - worker.heard > self.patience.heartbeat and not worker.silent:
                worker.silent = True
                self._lose(worker, f"gives no sign of life since {self.patience.heartbeat:.0f} s")
            self._free_from_hanging(worker, now)
        for address in [address for address in self.workers if address not in known]:
            self._lose(self.workers.pop(address), "is gone")
        self._give_up_waiting(now)

    def _known_workers(self, now: float) -> dict[str, dict[str, Any]]:
        """Ask the scheduler who is there; what it said last if it is busy just now."""
        try:
            # not client.scheduler_info: it may return what was cached for another purpose, without any worker
            answer = self.client.sync(
                self.client.scheduler.identity, n_workers=-1, callback_timeout=self.patience.scheduler
            )
        except (OSError, asyncio.TimeoutError) as error:
            if time.monotonic() - self.answered > self.patience.heartbeat:
                raise self._scheduler_is_gone() from error
        else:
            self.answered, self.known = now, answer["workers"]
        return self.known

    def _scheduler_is_gone(self) -> ClusterError:
        return ClusterError(
            f"the scheduler at {self.address} is gone; what was graded is kept: "
            "start it again, and the same command finishes the rest"
        )

    def _enlist(self, worker: Worker) -> None:
        """Make a worker ready (in a thread: it takes seconds, and a hanging worker never answers)."""
        try:
            answer = self.client.run(
                enlist, self.name, self.versions, self.payload, workers=[worker.address], on_error="return"
            )[worker.address]
        except Exception as error:  # whatever it is, this worker cannot be used
            answer = error
        if isinstance(answer, int):
            worker.places = answer
        else:
            self._refuse(worker, answer)
        self.events.put((None, None))

    def _refuse(self, worker: Worker, error: Exception | str) -> None:
        worker.refused = True
        if not isinstance(error, (ClusterError, NoBoxError)):
            error = f"{type(error).__name__}: {error}; is coursegrader installed there as it is here?"
        self.tell(f"worker {worker.address} is not used: {error}")

    def _lose(self, worker: Worker, why: str) -> None:
        """Give the notebooks of a lost worker to others."""
        if worker.tasks:
            self.tell(f"worker {worker.address} {why}; its {len(worker.tasks)} notebooks go to others")
        if self.client.status == "running":
            self.client.cancel(list(worker.tasks))
        for task in worker.tasks.values():
            self._retry(task, worker, None)
        worker.tasks.clear()

    def _free_from_hanging(self, worker: Worker, now: float) -> None:
        """Give a notebook that does not come to an end to another worker; the place it blocks is lost."""
        for future, task in list(worker.tasks.items()):
            if task.deadline < now and worker.places and not future.done():
                self.tell(f"worker {worker.address} did not end {task.job.notebook} within {self.seconds:.0f} s")
                self.client.cancel(future)
                self._retry(worker.tasks.pop(future), worker, None)
                worker.places -= 1
                worker.refused = not worker.places
        if worker.refused:
            self._lose(worker, "hangs")

    def _give_up_waiting(self, now: float) -> None:
        """Stop when there is nobody to wait for."""
        if any(worker.usable for worker in self.workers.values()):
            self.last_usable = now
            return
        refused = sum(worker.refused for worker in self.workers.values())
        if refused and refused == len(self.workers):
            raise ClusterError(f"none of the {refused} workers of {self.address} can be used; the reasons are above")
        if now - self.last_usable > self.patience.workers:
            raise ClusterError(
                f"no worker of {self.address} was ready within {self.patience.workers:.0f} s; what was graded is kept: "
                f"start workers with `dask worker {self.address}`, and the same command finishes the rest"
            )

    # -- notebooks ----------------------------------------------------------------------------------------------------

    def _hand_out(self, jobs: Iterator[Job]) -> None:
        """Give notebooks to the least busy workers until nobody has room or nothing is left."""
        while free := [worker for worker in self.workers.values() if worker.free > 0]:
            usable = {worker.address for worker in self.workers.values() if worker.usable}
            for task in self.again:
                choice = [worker for worker in free if worker.address not in task.tried]
                if choice or usable <= set(task.tried):
                    self.again.remove(task)
                    self._give(task, min(choice or free, key=lambda worker: worker.load))
                    break
            else:
                if self._held() > MAX_HELD * len(self.workers) or (job := next(jobs, None)) is None:
                    return
                self._give(Task(job), min(free, key=lambda worker: worker.load))

    def _held(self) -> int:
        """Return the bytes of all submissions that are on their way."""
        return sum(task.job.size for worker in self.workers.values() for task in worker.tasks.values())

    def _give(self, task: Task, worker: Worker) -> None:
        job = task.job
        task.deadline = time.monotonic() + self.seconds
        call = pickle.dumps(Call(self.name, job.notebook, job.raw, job.files, self.seed))
        key = f"{self.name}-{job.key}-{secrets.token_hex(4)}"
        # a call is made where its bytes are loaded: the scheduler, which knows no more than dask, only passes them on
        future = self.client.submit(pickle.loads, call, key=key, workers=[worker.address])
        worker.tasks[future] = task
        future.add_done_callback(lambda future: self.events.put((future, None)))

    def _wait(self) -> None:
        """Take in what has finished; wait a moment if nothing has."""
        with contextlib.suppress(Empty):
            event = self.events.get(timeout=_LOOK_SECONDS)
            while True:
                self._take_in(*event)
                event = self.events.get_nowait()

    def _take_in(self, future: Future | None, outcome: bytes | BaseException | None) -> None:
        worker = next((worker for worker in self.workers.values() if future in worker.tasks), None)
        if future is None or worker is None:
            return  # a worker was enlisted, or lost before this came
        if future.cancelled():  # not by us: we forget a future before we cancel it
            raise self._scheduler_is_gone()
        if outcome is None:
            self.threads.submit(self._fetch, future)
        else:
            self._collect(outcome, worker.tasks.pop(future), worker)

    def _fetch(self, future: Future) -> None:
        """Get a result from its worker (in a thread: one that hangs just now must not hold up the others)."""
        outcome: bytes | BaseException
        try:
            outcome = result_of(future, self.client, _FETCH_SECONDS)
        except (Exception, CancelledError) as error:
            outcome = error
        self.events.put((future, outcome))

    def _collect(self, outcome: bytes | BaseException, task: Task, worker: Worker) -> None:
        """Take in one finished notebook, or see that it is run again."""
        try:
            if isinstance(outcome, BaseException):
                raise outcome
            graded = decoded(SubmissionRun, json.loads(zlib.decompress(outcome)))
        except NotEnlisted:
            self._retry(task, worker, None)
            del self.workers[worker.address]  # and is asked again when it is seen again
            self._lose(worker, "was restarted")
        except NoBoxError as error:
            self._retry(task, worker, error)
            worker.without_box += 1
            if worker.without_box > 2 * worker.places:  # it is not the notebook
                self._refuse(worker, error)
                self._lose(worker, "cannot lock up student code any more")
        except Exception as error:  # of the notebook, of the worker or of the way between: another worker will tell
            self._retry(task, worker, error)
        else:
            worker.without_box = 0
            if graded.key == task.job.key:
                self.finished.append((task.job, graded))
            else:
                self._retry(task, worker, ClusterError(f"{worker.address} ran something else than it was given"))

    def _retry(self, task: Task, worker: Worker, error: Exception | None) -> None:
        task.tried.append(worker.address)
        task.error = error or task.error
        if len(task.tried) < ATTEMPTS:
            self.again.append(task)
        else:
            lost = ClusterError(f"it was lost {ATTEMPTS} times, with {', '.join(task.tried)}")
            self.finished.append((task.job, error or lost))
