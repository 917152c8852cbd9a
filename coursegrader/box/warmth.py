"""What is imported before the fork, so that every box finds it in memory that it shares with the others?"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Iterable

from coursegrader.box.linux import syscalls


def warm_up(modules: Iterable[str]) -> None:
    """Import what every kernel needs, and do what each would have to do at its start.

    Raises:
        RuntimeError: A module has started a thread.
    """
    _import(modules)
    if "coursegrader.box.inside.loop" in sys.modules:
        sys.modules["coursegrader.box.inside.loop"].warm_up()
    _settle()
    syscalls.prctl(syscalls.SUBREAPER, 1)
    syscalls.prctl(syscalls.DUMPABLE, 0)  # nobody of our user reads our memory


def bring(modules: Iterable[str]) -> None:
    """Import what the notebooks to come need besides.

    Raises:
        RuntimeError: A module has started a thread.
    """
    _import(modules)
    _settle()


def _import(modules: Iterable[str]) -> None:
    for name in modules:
        with contextlib.suppress(Exception):  # what is not there is not missed until a notebook imports it
            importlib.import_module(name)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def _settle() -> None:
    """Make sure that this process can be forked, and that forks share its memory."""
    gc.collect()
    gc.freeze()  # a collection in a child would write to every page it shares with us
    gc.disable()
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"{threads} threads after the imports: only a process with one can be forked safely")
