"""Is a value of the expected type and shape, and in which words may a student read that it is not?

A shape and a number of entries are the student's own choice: they are told only where they may come of a slip, as
anything freely chosen would carry a message.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def unlike(want: Any, got: Any) -> tuple[str, str] | None:
    """Say what is wrong with the type or shape, also of the entries of a list, or return None."""
    problem = unlike_outside(want, got)
    if problem or not isinstance(want, list):
        return problem
    for index, (a, b) in enumerate(zip(want, got, strict=True)):
        if problem := unlike(a, b):
            return problem[0], f"entry {index}: {problem[1]}"
    return None


def unlike_outside(want: Any, got: Any) -> tuple[str, str] | None:
    """Say what is wrong with the type or shape of the value itself, or return None."""
    if _family(want) != _family(got):
        return "wrong_type", f"expected {_FAMILIES[_family(want)]}, got {_FAMILIES[_family(got)]}"
    if isinstance(want, np.ndarray) and want.shape != got.shape:
        return "wrong_shape", f"expected shape {_shape(want.shape)}, got {_plausible(want.shape, got.shape)}"
    if isinstance(want, list) and len(want) != len(got):
        return "wrong_shape", f"expected {len(want)} entries, got {count(len(want), len(got))}"
    return None


_FAMILIES = {"number": "real numbers", "bool": "True or False", "complex": "complex numbers", "text": "text",
             "none": "None", "list": "a list that is no array of numbers"}  # fmt: skip


def _family(value: Any) -> str:
    """Return the family of a decoded value; whole and decimal numbers are one family."""
    if isinstance(value, np.ndarray):
        return {"b": "bool", "c": "complex"}.get(value.dtype.kind, "number")
    return "text" if isinstance(value, str) else "list" if isinstance(value, list) else "none"


def _plausible(want: tuple[int, ...], got: tuple[int, ...]) -> str:
    """Return a shape if it may come of a slip: freely chosen dimensions would carry a message."""
    near = {0, 1, math.prod(want), *(n + more for n in want for more in (-1, 0, 1)), *(2 * n for n in want)}
    near |= {a * b for a in want for b in want}
    return _shape(got) if len(got) <= 6 and set(got) <= near else "another one"


def count(want: int, got: int) -> str:
    """Return a number of entries if it may come of a slip."""
    return str(got) if got in (0, 1, want - 1, want + 1, 2 * want) else "more" if got > want else "fewer"


def _shape(shape: tuple[int, ...]) -> str:
    if len(shape) > 8:  # no tensor of a course; a hidden test, written in numbers
        return f"one of {len(shape)} dimensions"
    return "(" + ", ".join(map(str, shape)) + ")" if shape else "() (a single number)"
