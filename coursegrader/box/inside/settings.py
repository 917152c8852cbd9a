"""Which settings of the process may one cell change under all that come later, and how are they put back?"""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable
from os import chdir, getcwd  # as they are before a student can replace them
from typing import Any

import numpy as np


def _of_torch() -> tuple[str, bool, str]:
    """Return PyTorch's default type and device, and whether gradients are on; what it begins with if it is not there."""
    if (torch := sys.modules.get("torch")) is None:
        return "float32", True, "cpu"
    return str(torch.get_default_dtype()).rpartition(".")[2], torch.is_grad_enabled(), str(torch.get_default_device())


def _set_torch(values: tuple[str, bool, str]) -> None:
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_default_dtype(getattr(torch, values[0]))
        torch.set_grad_enabled(values[1])
        torch.set_default_device(None if values[2] == "cpu" else values[2])  # any device slows every call


def _set_warnings(filters: list[Any]) -> None:
    warnings.resetwarnings()
    warnings.filters[:] = filters  # type: ignore[index]  # a list, which typeshed calls a sequence


def _folder() -> str:
    try:
        return getcwd()
    except OSError:  # somebody deleted it
        return "/"


_SETTINGS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "folder": (_folder, chdir),
    "errors of NumPy": (np.geterr, lambda errors: np.seterr(**errors)),
    "texts of NumPy": (np.get_printoptions, lambda options: np.set_printoptions(**options)),
    "warnings": (lambda: list(warnings.filters), _set_warnings),
    "PyTorch": (_of_torch, _set_torch),
}


def read() -> dict[str, Any]:
    """Return the settings as they are now."""
    return {name: now() for name, (now, _) in _SETTINGS.items()}


def put(values: dict[str, Any]) -> None:
    """Make the settings what they were; one that cannot be set, as it is a student's doing, stays as it is."""
    for name, (now, write) in _SETTINGS.items():
        if now() != values[name]:
            with contextlib.suppress(OSError, RuntimeError):
                write(values[name])
