"""From which random numbers does code draw, so that a grade does not depend on what else has drawn?"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.abc
import importlib.util
import os
import random
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from coursegrader.evidence import SEED_VARIABLE

_seed = 0
_random, _numpy = random._inst, np.random.mtrand._rand  # those that students use unasked


def begin() -> None:
    """Start the random generators of this process anew; from the grading seed, if there is one.

    Every fork would otherwise draw the same numbers, and a regrade others than the grade.
    """
    global _seed
    known = os.environ.get(SEED_VARIABLE)
    data = hashlib.sha256(known.encode()).digest() if known is not None else os.urandom(8)
    _seed = int.from_bytes(data[:4], "big")
    _start()
    if "torch" not in sys.modules:
        sys.meta_path.insert(0, _SeedsTorch())


@contextlib.contextmanager
def apart() -> Iterator[None]:
    """Start the generators anew for a while, then let them go on where they were.

    What a hidden region draws neither depends on what ran before it nor changes what is drawn after it.
    """
    found, known = [(put, get()) for get, put in _states()], _torch()
    _start()
    try:
        yield
    finally:
        for put, state in found:
            put(state)
        if known is None and (torch := _torch()) is not None:  # it was imported meanwhile
            torch.manual_seed(_seed)


def _states() -> Iterator[tuple[Callable[[], Any], Callable[[Any], Any]]]:
    yield _random.getstate, _random.setstate
    yield _numpy.get_state, _numpy.set_state
    if (torch := _torch()) is not None:
        yield torch.get_state, torch.set_state


def _start() -> None:
    _random.seed(_seed)
    _numpy.seed(_seed)
    if (torch := _torch()) is not None:
        torch.manual_seed(_seed)


def _torch() -> Any:
    """Return PyTorch's generator; None if it is not there, or is something of a student's by that name."""
    return getattr(getattr(sys.modules.get("torch"), "_C", None), "default_generator", None)


class _SeedsTorch(importlib.abc.MetaPathFinder):
    """Has PyTorch draw the same numbers when a notebook imports it as when it was imported before the fork."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Find what the others find; seed it behind its import."""
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        found = importlib.util.find_spec(name)
        if found is not None and found.loader is not None:
            execute = found.loader.exec_module

            def seeded(module: types.ModuleType) -> None:
                execute(module)
                module.default_generator.manual_seed(_seed)

            found.loader.exec_module = seeded  # type: ignore[method-assign]
        return found
