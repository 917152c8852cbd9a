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
# of the generators that students use unasked, as they are before a student can replace them
_RANDOM = random.seed, random.getstate, random.setstate
_NUMPY = np.random.seed, np.random.get_state, np.random.set_state


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
    found = [(put, get()) for _, get, put in _generators()]
    _start()
    try:
        yield
    finally:
        for put, state in found:
            put(state)
        for seed, _, _ in _generators()[len(found) :]:  # PyTorch, if it was imported meanwhile
            seed(_seed)


def _start() -> None:
    for seed, _, _ in _generators():
        seed(_seed)


def _generators() -> list[tuple[Callable[[int], Any], Callable[[], Any], Callable[[Any], Any]]]:
    """Return how each generator is started, read and put back; PyTorch's is the last, if it is there."""
    torch = getattr(sys.modules.get("torch"), "default_generator", None)
    return [_RANDOM, _NUMPY, *([] if torch is None else [(torch.manual_seed, torch.get_state, torch.set_state)])]


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
