"""How far is a value from the expected one, and where?"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from coursegrader.judging.values.arrays import compare_arrays
from coursegrader.judging.values.kinds import Column, Drawn, Frame, Index, Moments, Series
from coursegrader.judging.values.likeness import tagged, unlike_outside
from coursegrader.judging.values.measure import Measure, Tolerance, first_wrong, passed, wrong
from coursegrader.judging.values.plots import compare_plots
from coursegrader.judging.values.tables import compare_tables
from coursegrader.model import EvidenceResult


def compare(
    name: str, want: Any, got: Any, atol: Tolerance, rtol: Tolerance, told: frozenset[str] = frozenset()
) -> EvidenceResult:
    """Compare one value with the expected one: type and shape first, then every part.

    Args:
        name: Of the evidence.
        want: The reference's value, decoded.
        got: The student's value, decoded.
        atol: Absolute tolerance, or one for each column or key.
        rtol: Relative tolerance, or one for each column or key.
        told: Names that students were given: only these are said of the reference's columns and keys.
    """
    try:
        result = differ(want, got, Measure(atol, rtol, told))
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError):
        # a forged value may have anything anywhere; it is not as expected, and costs nothing else
        result = wrong("malformed", "the value could not be compared")
    result.name = name
    return result


def differ(want: Any, got: Any, measure: Measure) -> EvidenceResult:
    """Compare two values or two parts of them."""
    problem = unlike_outside(want, got, measure.told)
    if problem:
        return wrong(*problem)
    if isinstance(want, np.ndarray):
        return compare_arrays(want, got, measure)
    if isinstance(want, Moments):
        return compare_arrays(want.values, got.values, measure)
    if isinstance(want, list):
        return _compare_lists(want, got, measure)
    if isinstance(want, dict):
        return _compare_dicts(want, got, measure)
    if isinstance(want, frozenset):
        return _compare_sets(want, got, measure)
    if isinstance(want, (Column, Index, Series, Frame)):
        return compare_tables(want, got, measure, differ)
    if isinstance(want, Drawn):
        return compare_plots(want, got, measure, differ)
    good = want == got
    return EvidenceResult("", "passed", 1.0) if good else wrong("wrong_value")


def _compare_lists(want: list[Any], got: list[Any], measure: Measure) -> EvidenceResult:
    results = [differ(a, b, measure) for a, b in zip(want, got, strict=True)]
    bad = [(i, r) for i, r in enumerate(results) if r.verdict != "passed"]
    if not bad:
        return passed(measure, [result.max_error for result in results])
    index, first = bad[0]
    first.where = [index, *(first.where or [])]
    first.message = first.message and f"entry {index}: {first.message}"
    first.place = first.place and f"entry {index}, {first.place}"
    return first


def _compare_dicts(want: dict[Any, Any], got: dict[Any, Any], measure: Measure) -> EvidenceResult:
    """Compare the values of equal keys, in the order of the reference."""
    parts = (
        (measure.name("key", key, number), differ(value, got[key], measure.of(key)))
        for number, (key, value) in enumerate(want.items())
    )
    return first_wrong(parts, measure)


def _compare_sets(want: frozenset[Any], got: frozenset[Any], measure: Measure) -> EvidenceResult:
    """Compare members; numbers that are no members of the other set may be near to some."""
    ours, theirs = {tagged(item) for item in want}, {tagged(item) for item in got}
    missing, extra = ours - theirs, theirs - ours
    if missing and len(missing) == len(extra) and (errors := _errors(missing, extra, measure)) is not None:
        return passed(measure, errors)
    if not missing and not extra:
        return passed(measure)
    said = ["some values are missing"] * bool(missing) + ["there are values that do not belong"] * bool(extra)
    return wrong("wrong_value", ", and ".join(said))


def _errors(missing: set[tuple[str, Any]], extra: set[tuple[str, Any]], measure: Measure) -> list[float] | None:
    """Return how far numbers are from those that are missing, exactly; None if one is too far, or is no number."""
    if any(kind != "number" or not math.isfinite(number) for kind, number in missing | extra):
        return None
    pairs = zip(*(sorted(Fraction(number) for _, number in rest) for rest in (missing, extra)), strict=True)
    errors = []
    for want, got in pairs:
        error = abs(got - want)
        if error > Fraction(measure.absolute) + Fraction(measure.relative) * abs(want):
            return None
        errors.append(float(error))
    return errors
