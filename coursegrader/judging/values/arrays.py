"""How far are numbers or times from the expected ones, and where?"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from coursegrader.judging.values.measure import Measure
from coursegrader.model import EvidenceResult

#: A difference of so small a part of what is allowed is rounding: libraries round otherwise from one run to the next
#: (torch.linalg.lstsq reads memory that nobody wrote), and a report must not.
_ROUNDING = 1e-3
_EXACT = 2**53  # up to which a decimal number holds every whole one
_NANOSECONDS = {"D": 86_400 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def compare_arrays(want: np.ndarray, got: np.ndarray, measure: Measure) -> EvidenceResult:
    """Compare arrays of one shape and family element by element.

    A nan, a missing time or an infinity passes only where exactly that is expected, in both parts of a complex number.
    What differs by no more than rounding is reported as no error, at no place.
    """
    atol, rtol = measure.absolute, measure.relative
    if want.size == 0:
        return EvidenceResult("", "passed", 1.0, max_error=0.0, tolerance=atol, relative=rtol)
    if want.dtype.kind in "Mm":
        error, size = _times(want, got)
        limit = atol + (rtol * size if want.dtype.kind == "m" else np.zeros(size.shape))
        rtol = rtol if want.dtype.kind == "m" else 0.0
    else:
        error, limit = _numbers(want, got, atol, rtol)
    outside = error > limit
    good = not outside.any()
    error = np.where(error > _ROUNDING * limit, error, 0.0)
    if not error.any():
        return EvidenceResult("", "passed", 1.0, max_error=0.0, tolerance=atol, relative=rtol)
    place = np.unravel_index(int(np.argmax(error if good else np.where(outside, error, -1.0))), error.shape)
    where = [int(i) for i in place]
    return EvidenceResult(
        "",
        "passed" if good else "wrong_value",
        float(good),
        max_error=float(error[place]),
        tolerance=atol,
        relative=rtol,
        where=where or None,
        expected=str(want[place]),
        got=str(got[place]),
    )


def _numbers(want: np.ndarray, got: np.ndarray, atol: float, rtol: float) -> tuple[np.ndarray, np.ndarray]:
    kind = complex if "c" in (want.dtype.kind, got.dtype.kind) else float
    expected, value = want.astype(kind), got.astype(kind)
    with np.errstate(all="ignore"):
        error = np.abs(value - expected)
        limit = atol + rtol * np.abs(expected)
        # of the largest complex numbers the absolute value is infinite, and within infinity anything would pass
        limit = np.where(np.isfinite(limit), limit, atol + np.hypot(rtol * expected.real, rtol * expected.imag))
        limit = np.where(np.isfinite(expected), np.minimum(limit, np.finfo(float).max), 0.0)
    same = _same_number(value.real, expected.real) & _same_number(value.imag, expected.imag)
    error = np.where(same, 0.0, np.where(np.isfinite(error), error, np.inf))
    if kind is float:
        _correct_large_integers(error, want, got)
    return error, limit


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


def _times(want: np.ndarray, got: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far apart times are, and how large time spans are, in seconds; exactly, whatever their units."""
    ticks = [_ticks(array) for array in (want, got)]
    error = _seconds(ticks[1] - ticks[0])
    gaps, missing = np.isnat(want), np.isnat(got)
    error = np.where(gaps & missing, 0.0, np.where(gaps | missing, np.inf, error))
    return error, np.where(gaps, 0.0, _seconds(ticks[0]))


def _seconds(ticks: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(ticks), dtype=object).astype(float) / 1e9


def _ticks(times: np.ndarray) -> np.ndarray:
    """Return nanoseconds as Python's whole numbers, which have no largest one."""
    per = _NANOSECONDS[np.datetime_data(times.dtype)[0]]
    return np.asarray(times.astype(np.int64).astype(object) * per, dtype=object)
