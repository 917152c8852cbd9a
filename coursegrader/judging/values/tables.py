"""How does what pandas had differ: dtype, columns and their order, rows, index, and only then values?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from coursegrader.judging.values.arrays import compare_arrays
from coursegrader.judging.values.kinds import Column, Frame, Index, Series
from coursegrader.judging.values.measure import Measure, first_wrong, inside, name, passed, wrong
from coursegrader.model import EvidenceResult

Problem = tuple[str, str]
Differ = Callable[[Any, Any, Measure], EvidenceResult]


# -- form: what can be said before any value is looked at ---------------------------------------------------------------


def form(want: Any, got: Any, told: frozenset[str]) -> Problem | None:
    """Say what is wrong with the form of a table, series, index or column of pandas, or return None."""
    if isinstance(want, Frame):
        return _frame_form(want, got, told)
    if isinstance(want, Series):
        return _rows(want.values, got.values) or _column_form(want.values, got.values)
    if isinstance(want, Index):
        return _index_form(want, got)
    return _rows(want, got) or _column_form(want, got)


def _frame_form(want: Frame, got: Frame, told: frozenset[str]) -> Problem | None:
    names, found = want.columns.labels(), got.columns.labels()
    missing = Counter(names) - Counter(found)
    for number, label in enumerate(names):
        if label in missing:
            return "wrong_shape", f"{name('column', label, number, told)} is missing"
    if len(names) != len(found):
        return "wrong_shape", f"expected {len(names)} columns, got {count(len(names), len(found))}"
    if names != found:
        return "wrong_shape", "the columns are in another order"
    if problem := _rows(want.index, got.index):
        return problem
    for number, (label, a, b) in enumerate(zip(names, want.data, got.data, strict=True)):
        if problem := _column_form(a, b):
            return problem[0], f"{name('column', label, number, told)}: {problem[1]}"
    return None


def _rows(want: Any, got: Any) -> Problem | None:
    if len(want) != len(got):
        return "wrong_shape", f"expected {len(want)} rows, got {count(len(want), len(got))}"
    return None


def _column_form(want: Column, got: Column) -> Problem | None:
    if want.sort != got.sort and len(want):  # what kind of nothing it is matters to nobody
        return "wrong_type", f"expected {want.sort}, got {got.sort}"
    if want.ordered != got.ordered:
        return "wrong_type", f"expected categories {'with' if want.ordered else 'without'} an order"
    return None


def _index_form(want: Index, got: Index) -> Problem | None:
    if len(want.levels) != len(got.levels):
        return "wrong_shape", f"expected {len(want.levels)} levels, got {count(len(want.levels), len(got.levels))}"
    if problem := _rows(want, got):
        return problem
    return next((found for a, b in zip(want.levels, got.levels, strict=True) if (found := _column_form(a, b))), None)


def count(want: int, got: int) -> str:
    """Return a number of entries if it may come of a slip."""
    return str(got) if got in (0, 1, want - 1, want + 1, 2 * want) else "more" if got > want else "fewer"


# -- values -------------------------------------------------------------------------------------------------------------


def compare_tables(want: Any, got: Any, measure: Measure, differ: Differ) -> EvidenceResult:
    """Compare what has the expected form: index first, then column by column.

    Args:
        want: A table, series, index or column.
        got: The student's.
        measure: What is asked of it.
        differ: Compares any two values, as the entries of a column may be.
    """
    if isinstance(want, Frame):
        return first_wrong(_frame(want, got, measure, differ), measure)
    if isinstance(want, Series):
        index = _index(want.index, got.index, measure, differ)
        return inside(0, "the index", index) if index else _column(want.values, got.values, measure, differ)
    if isinstance(want, Index):
        return _index(want, got, measure, differ) or passed(measure)
    return _column(want, got, measure, differ)


def _frame(want: Frame, got: Frame, measure: Measure, differ: Differ) -> Iterator[tuple[str, EvidenceResult]]:
    for number, (label, a, b) in enumerate(zip(want.columns.labels(), want.data, got.data, strict=True)):
        index = None if number else _index(want.index, got.index, measure, differ)
        if index:
            yield "the index", index
        yield measure.name("column", label, number), _column(a, b, measure.of(label), differ)
    if not want.data and (index := _index(want.index, got.index, measure, differ)):
        yield "the index", index


def _index(want: Index, got: Index, measure: Measure, differ: Differ) -> EvidenceResult | None:
    """Return what is wrong with an index, or None."""
    if problem := _index_form(want, got):
        return wrong(*problem)
    results = [_column(a, b, measure, differ) for a, b in zip(want.levels, got.levels, strict=True)]
    bad = next((result for result in results if result.verdict != "passed"), None)
    if bad is not None and _sorted(want) == _sorted(got):
        return wrong("wrong_value", "the rows are in another order", bad.where, bad.place)
    return bad


def _sorted(index: Index) -> list[str]:
    """Return the labels in one order; as text, since many numbers in tuples can be chosen to have one hash."""
    return sorted(map(repr, index.labels()))


def _column(want: Column, got: Column, measure: Measure, differ: Differ) -> EvidenceResult:
    result = _column_values(want, got, measure, differ)
    if result.verdict == "wrong_value" and result.where and not result.place:
        row, *deeper = result.where
        result.place = f"row {row}" + (f", index {deeper}" if deeper else "")
    return result


def _column_values(want: Column, got: Column, measure: Measure, differ: Differ) -> EvidenceResult:
    if not len(want):
        return passed(measure)
    if want.categories is not None and got.categories is not None:
        if want.ordered and want.categories.plain() != got.categories.plain():
            return wrong("wrong_value", "the categories, or their order, are others than expected")
        return _entries(want.plain(), got.plain(), measure)
    if not isinstance(want.values, np.ndarray):
        if want.kind == "texts":
            return _entries(want.values, got.values, measure)
        pairs = enumerate(zip(want.values, got.values, strict=True))
        return first_wrong(((f"row {row}", differ(a, b, measure)) for row, (a, b) in pairs), measure)
    gaps, missing = _gaps(want), _gaps(got)
    if (odd := np.flatnonzero(gaps != missing)).size:
        message = "there should be no value" if gaps[odd[0]] else "a value is missing"
        return wrong("wrong_value", message, [int(odd[0])])
    kept = np.flatnonzero(~gaps)
    result = compare_arrays(want.values[kept], got.values[kept], measure)
    if result.where:
        result.where = [int(kept[result.where[0]])]
    return result


def _gaps(column: Column) -> np.ndarray:
    """Return where nothing is: nan and missing times, too, are nothing to pandas."""
    if column.missing is not None:
        return column.missing
    kind = column.values.dtype.kind
    if kind in "Mm":
        return np.asarray(np.isnat(column.values))
    return np.asarray(np.isnan(column.values)) if kind in "fc" else np.zeros(len(column), dtype=bool)


def _entries(want: list[Any], got: list[Any], measure: Measure) -> EvidenceResult:
    """Compare text and the like, exactly."""
    row = next((n for n, (a, b) in enumerate(zip(want, got, strict=True)) if not _same(a, b)), None)
    return passed(measure) if row is None else wrong("wrong_value", where=[row])


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b or (a != a and b != b))
