"""How far is a value from the expected one, and where?"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from coursegrader.judging.values.likeness import unlike_outside
from coursegrader.model import EvidenceResult

_EXACT = 2**53  # up to which a decimal number holds every whole one


def compare(name: str, want: Any, got: Any, atol: float, rtol: float) -> EvidenceResult:
    """Compare one value with the expected one: type and shape first, then every element.

    A nan or an infinity passes only where exactly that is expected, in both parts of a complex number.
    """
    problem = unlike_outside(want, got)
    if problem:
        return EvidenceResult(name, problem[0], 0.0, message=problem[1])
    if isinstance(want, list):
        return _compare_lists(name, want, got, atol, rtol)
    if not isinstance(want, np.ndarray):
        good = want == got
        return EvidenceResult(
            name, "passed" if good else "wrong_value", float(good), message="" if good else "another value was expected"
        )
    return _compare_arrays(name, want, got, atol, rtol)


def _compare_lists(name: str, want: list[Any], got: list[Any], atol: float, rtol: float) -> EvidenceResult:
    results = [compare(name, a, b, atol, rtol) for a, b in zip(want, got, strict=True)]
    bad = [(i, r) for i, r in enumerate(results) if r.verdict != "passed"]
    errors = [r.max_error for r in results if r.max_error is not None]
    if not bad:
        return EvidenceResult(name, "passed", 1.0, max_error=max(errors, default=None), tolerance=atol, relative=rtol)
    index, first = bad[0]
    first.where = [index, *(first.where or [])]
    first.message = first.message and f"entry {index}: {first.message}"
    return first


def _compare_arrays(name: str, want: np.ndarray, got: np.ndarray, atol: float, rtol: float) -> EvidenceResult:
    if want.size == 0:
        return EvidenceResult(name, "passed", 1.0, max_error=0.0, tolerance=atol, relative=rtol)
    kind = complex if "c" in (want.dtype.kind, got.dtype.kind) else float
    expected, value = want.astype(kind), got.astype(kind)
    with np.errstate(all="ignore"):
        error = np.abs(value - expected)
        limit = np.where(np.isfinite(expected), atol + rtol * np.abs(expected), 0.0)
    same = _same_number(value.real, expected.real) & _same_number(value.imag, expected.imag)
    error = np.where(same, 0.0, np.where(np.isfinite(error), error, np.inf))
    if kind is float:
        _correct_large_integers(error, want, got)
    outside = error > limit
    good = not outside.any()
    place = np.unravel_index(int(np.argmax(error if good else np.where(outside, error, -1.0))), error.shape)
    where = [int(i) for i in place]
    return EvidenceResult(
        name,
        "passed" if good else "wrong_value",
        float(good),
        max_error=float(error[place]),
        tolerance=atol,
        relative=rtol,
        where=where or None,
        expected=str(want[place]),
        got=str(got[place]),
    )


def _same_number(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Tell where two real arrays hold the same number; nan is the same as nan."""
    return np.asarray((a == b) | (np.isnan(a) & np.isnan(b)))


def _correct_large_integers(error: np.ndarray, want: np.ndarray, got: np.ndarray) -> None:
    """Put in the exact errors where whole numbers are so large that decimal ones cannot tell them apart."""
    large = np.zeros(error.shape, dtype=bool)
    for array in (want, got):
        if array.dtype.kind in "iu" and array.dtype.itemsize == 8:
            large |= (array > _EXACT) | (array < -_EXACT if array.dtype.kind == "i" else False)
    for place in map(tuple, np.argwhere(large & np.isfinite(error))):
        error[place] = float(abs(Fraction(got[place].item()) - Fraction(want[place].item())))
