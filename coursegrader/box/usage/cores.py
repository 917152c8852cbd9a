"""On which processor does a student's code run?

Each box keeps to one, so that a hundred busy processes of one student slow nobody else.
Graders of one machine share them out by names in the abstract socket namespace, of which each can be had once.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections import Counter
from collections.abc import Iterator

_lock = threading.Lock()
_taken: Counter[int | None] = Counter()  # by this process


def usable() -> list[int]:
    """List the processors that this process may use; none where the system does not say."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


@contextlib.contextmanager
def lease() -> Iterator[int | None]:
    """Provide a processor, one that nobody else has if there is one; None where there is no choice."""
    with _lock:
        claim, core = _choose(usable())
        _taken[core] += 1
    try:
        yield core
    finally:
        with _lock:
            _taken[core] -= 1
            if claim is not None:
                claim.close()


def _choose(cores: list[int]) -> tuple[socket.socket | None, int | None]:
    for core in cores:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0coursegrader-core-{core}")
        except OSError:  # another worker, here or in another grader, has it
            claim.close()
        else:
            return claim, core
    return None, min(cores, key=lambda core: _taken[core], default=None)
