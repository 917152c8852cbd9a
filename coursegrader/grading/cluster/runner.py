"""Which other machines run the notebooks?

Dask starts, finds and connects the machines; who gets what is decided in ``foreman``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from distributed import Client

from coursegrader.course.course import Assignment
from coursegrader.errors import ClusterError
from coursegrader.grading.cluster.foreman import Foreman
from coursegrader.grading.cluster.roll import Patience, Tell
from coursegrader.grading.runners import Job, Runner, Runs


def cluster_runner(address: str, *, tell: Tell = lambda sentence: None, patience: Patience | None = None) -> Runner:
    """Return a runner that runs notebooks on the workers of a Dask scheduler.

    Args:
        address: The scheduler's, e.g. ``tcp://10.0.0.1:8786``.
        tell: Called with a sentence when a worker is refused or lost.
        patience: How long to wait for what.

    Raises:
        ClusterError: No scheduler answers at the address.
    """
    patience = patience or Patience()
    _connect(address, patience).close()  # an address with a typing error is told before anything else happens

    def run(assignment: Assignment, jobs: Iterable[Job], seed: str) -> Runs:
        client = _connect(address, patience)
        with Foreman(client, address, assignment, seed, tell, patience) as foreman:
            yield from foreman.results(iter(jobs))

    return run


def _connect(address: str, patience: Patience, attempts: int = 6) -> Client:
    # what Dask has to say about lost connections is said here, in other words
    logging.getLogger("distributed").setLevel(logging.getLogger().getEffectiveLevel())
    try:
        return Client(address, timeout=patience.scheduler, set_as_default=False, name="coursegrader")
    except AssertionError:  # Dask gives a thread of its own ten seconds to begin: on a busy machine it may take more
        if attempts == 1:
            raise
        return _connect(address, patience, attempts - 1)
    except (OSError, ValueError, TypeError, RuntimeError) as error:  # refused, timed out, malformed, TLS
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ClusterError(
            f"no Dask scheduler answers at {address!r} ({reason}); start one with `dask scheduler`, "
            "and give the address it prints"
        ) from error
