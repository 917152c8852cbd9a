"""Which workers are there, what has each been given, and how long is each waited for?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from distributed import Client, Future

from coursegrader.errors import ClusterError
from coursegrader.grading.runners import Job

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds, before something counts as lost.

    Attributes:
        scheduler: For the scheduler to answer.
        workers: For a first usable worker, also when all that there were are gone.
        heartbeat: For a sign of life of a worker.
        notebook: For a notebook; by default four times what ``Execute.notebook_seconds`` allows it, and two minutes.
    """

    scheduler: float = 10
    workers: float = 120
    heartbeat: float = 60
    notebook: float | None = None


@dataclass
class Task:
    """A job on its way, with the workers it was lost or failed on."""

    job: Job
    tried: list[str] = field(default_factory=list)
    error: Exception | None = None
    deadline: float = 0.0


@dataclass
class Worker:
    """A worker as the foreman knows it."""

    address: str
    places: int = 0  # notebooks it runs at once; 0 until it is enlisted
    refused: bool = False
    heartbeat: float = 0.0  # by the scheduler's clock
    heard: float = 0.0  # when that changed, by ours
    silent: bool = False
    without_box: int = 0  # notebooks, one after the other, that no box could be built for
    resting: bool = False  # short of memory, or about to leave
    tasks: dict[Future, Task] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """Whether notebooks may be given to it, now or when it has room."""
        return self.places > 0 and not (self.refused or self.silent)

    @property
    def free(self) -> int:
        """How many more notebooks it may be given; one waits there, so that it never has to."""
        return self.places + 1 - len(self.tasks) if self.usable and not self.resting else 0

    @property
    def load(self) -> float:
        """How busy it is."""
        return len(self.tasks) / self.places


def result_of(future: Future, client: Client, seconds: float) -> bytes:
    """Return what a worker made of a notebook.

    Each result is asked for alone: ``future.result`` asks for all that are wanted at a time in one question, and a worker
    that has fallen silent would hold up what the others have.

    Args:
        future: What was handed to the worker; it has come to an end.
        client: The way to the scheduler.
        seconds: How long to wait.

    Raises:
        ClusterError: It is gone with its worker.
        Exception: What ended the notebook, or the time is up.
    """
    if future.status != "finished":
        return bytes(future.result(timeout=seconds))  # raises what ended it
    answer = client.sync(client.scheduler.gather, keys=[future.key], callback_timeout=seconds)
    if answer["status"] != "OK":
        raise ClusterError(f"the result of {future.key} is gone with its worker")
    return bytes(answer["data"][future.key])
