"""Is a value of the expected type and shape, and in which words may a student read that it is not?

A shape and a number of entries are the student's own choice: they are told only where they may come of a slip, as
anything freely chosen would carry a message.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from coursegrader.evidence.drawing import PARTS
from coursegrader.judging.values.kinds import Column, Drawn, Frame, Index, Moments, Series
from coursegrader.judging.values.measure import name
from coursegrader.judging.values.tables import count, form

#: What the parts of a plot are called, which is no secret.
_OF_PLOTS = frozenset([*PARTS, "x", "y", "xy", "label"])


def unlike(want: Any, got: Any, told: frozenset[str] = frozenset()) -> tuple[str, str] | None:
    """Say what is wrong with the type or shape, also of what is inside, or return None."""
    problem = unlike_outside(want, got, told)
    if isinstance(want, Drawn) and not problem:
        return unlike(want.parts, got.parts, told | _OF_PLOTS)
    if problem or not isinstance(want, (list, dict)):
        return problem
    keys = range(len(want)) if isinstance(want, list) else want
    for number, key in enumerate(keys):
        if problem := unlike(want[key], got[key], told):
            words = f"entry {number}" if isinstance(want, list) else name("key", key, number, told)
            return problem[0], f"{words}: {problem[1]}"
    return None


def unlike_outside(want: Any, got: Any, told: frozenset[str] = frozenset()) -> tuple[str, str] | None:
    """Say what is wrong with the type or shape of the value itself, or return None."""
    if _family(want) != _family(got):
        return "wrong_type", f"expected {_FAMILIES[_family(want)]}, got {_FAMILIES[_family(got)]}"
    if isinstance(want, Moments):
        want, got = want.values, got.values
    if isinstance(want, np.ndarray) and want.shape != got.shape:
        return "wrong_shape", f"expected shape {_shape(want.shape)}, got {_plausible(want.shape, got.shape)}"
    if isinstance(want, list) and len(want) != len(got):
        return "wrong_shape", f"expected {len(want)} entries, got {count(len(want), len(got))}"
    if isinstance(want, dict):
        return _other_keys(want, got, told)
    return form(want, got, told) if isinstance(want, (Column, Index, Series, Frame)) else None


def _other_keys(want: dict[Any, Any], got: dict[Any, Any], told: frozenset[str]) -> tuple[str, str] | None:
    found = {tagged(key) for key in got}
    for number, key in enumerate(want):
        if tagged(key) not in found:
            return "wrong_shape", f"{name('key', key, number, told)} is missing"
    if len(want) != len(got):
        return "wrong_shape", f"expected {len(want)} keys, got {count(len(want), len(got))}"
    return None


def tagged(key: Any) -> tuple[str, Any]:
    """Return a key or member of a set so that True is not 1."""
    if isinstance(key, tuple):
        return "tuple", tuple(map(tagged, key))
    if isinstance(key, frozenset):
        return "set", frozenset(map(tagged, key))
    return "bool" if isinstance(key, bool) else "number" if isinstance(key, (int, float)) else "plain", key


_FAMILIES = {"number": "real numbers", "bool": "True or False", "complex": "complex numbers", "text": "text",
             "none": "None", "list": "a list that is no array of numbers", "dict": "a dict", "frozenset": "a set",
             "date": "dates or times", "span": "time spans", "moments": "times with a zone", "frame": "a DataFrame",
             "series": "a Series", "index": "an Index", "column": "an array of pandas", "drawn": "a plot"}  # fmt: skip


def _family(value: Any) -> str:
    """Return the family of a decoded value; whole and decimal numbers are one family."""
    if isinstance(value, np.ndarray):
        return {"b": "bool", "c": "complex", "M": "date", "m": "span"}.get(value.dtype.kind, "number")
    return {"NoneType": "none", "str": "text"}.get(type(value).__name__, type(value).__name__.lower())


def _plausible(want: tuple[int, ...], got: tuple[int, ...]) -> str:
    """Return a shape if it may come of a slip: freely chosen dimensions would carry a message."""
    near = {0, 1, math.prod(want), *(n + more for n in want for more in (-1, 0, 1)), *(2 * n for n in want)}
    near |= {a * b for a in want for b in want}
    return _shape(got) if len(got) <= 6 and set(got) <= near else "another one"


def _shape(shape: tuple[int, ...]) -> str:
    if len(shape) > 8:  # no tensor of a course; a hidden test, written in numbers
        return f"one of {len(shape)} dimensions"
    return "(" + ", ".join(map(str, shape)) + ")" if shape else "() (a single number)"
