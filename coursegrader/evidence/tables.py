"""Which data stands for what pandas has: tables, series, indexes, columns of one kind each?

A table is ``{"frame": {"columns": index, "index": index, "data": [column, ...]}}``, a series ``{"series": {"index":
index, "values": column}}``, an index ``{"index": [column, ...]}`` with a column for each level, and everything else
that pandas calls an array ``{"column": column}``. Nothing here imports pandas: who has a table has it.
"""

from __future__ import annotations

import sys
from typing import Any, Protocol

import numpy as np

from coursegrader.evidence.arrays import with_unit

MAX_COLUMNS = 1_000
MAX_OBJECTS = 10_000  # of one column
Record = dict[str, Any]


class Encoder(Protocol):
    """What encodes the parts: :class:`coursegrader.evidence.codec.Encoder`."""

    def value(self, value: Any, depth: int = 0) -> Record:
        """Encode any value."""

    def text(self, value: str) -> str:
        """Return a text that is not too long."""

    def array(self, array: np.ndarray) -> Record:
        """Encode numbers or times."""


def encoded(encoder: Encoder, value: Any, depth: int) -> Record | None:
    """Return a record of what is of pandas, and None for everything else."""
    pandas: Any = sys.modules.get("pandas")
    table = getattr(pandas, "DataFrame", None)
    if not isinstance(table, type) or not str(table.__module__).startswith("pandas"):
        return None  # whatever stands in its place
    if isinstance(value, pandas.DataFrame):
        return {"frame": _frame(encoder, pandas.DataFrame(value), depth)}
    if isinstance(value, pandas.Series):
        series = pandas.Series(value)
        return {"series": {"index": _index(encoder, series.index, depth), "values": _column(encoder, series, depth)}}
    if isinstance(value, pandas.Index):
        return {"index": _index(encoder, value, depth)}
    if isinstance(value, pandas.api.extensions.ExtensionArray):
        return {"column": _column(encoder, pandas.Series(value), depth)}
    return {"none": True} if value is pandas.NA else None


def _frame(encoder: Encoder, frame: Any, depth: int) -> Record:
    if frame.shape[1] > MAX_COLUMNS:
        raise ValueError(f"a table of more than {MAX_COLUMNS} columns")
    return {
        "columns": _index(encoder, frame.columns, depth),
        "index": _index(encoder, frame.index, depth),
        "data": [_column(encoder, frame.iloc[:, place], depth) for place in range(frame.shape[1])],
    }


def _index(encoder: Encoder, index: Any, depth: int) -> list[Record]:
    return [_column(encoder, index.get_level_values(level).to_series(), depth) for level in range(index.nlevels)]


def _column(encoder: Encoder, series: Any, depth: int) -> Record:
    """Return ``{"kind": ...}`` with what belongs to that kind."""
    dtype = series.dtype
    if hasattr(dtype, "categories"):
        codes, categories = series.cat.codes.to_numpy(), series.cat.categories.to_series()
        return {
            "kind": "category",
            "ordered": bool(dtype.ordered),
            "codes": encoder.array(codes),
            "categories": _column(encoder, categories, depth),
        }
    if getattr(dtype, "tz", None) is not None:
        return {"kind": "moments", "values": encoder.array(_times(series.dt.tz_convert("UTC").dt.tz_localize(None)))}
    kind = getattr(getattr(dtype, "numpy_dtype", dtype), "kind", "O")
    if kind in "biufcMm":
        return _numbers(encoder, series, kind)
    return _objects(encoder, series, depth)


def _numbers(encoder: Encoder, series: Any, kind: str) -> Record:
    missing = series.isna().to_numpy(dtype=bool)
    if kind in "Mm":
        return {"kind": "numbers", "values": encoder.array(_times(series))}
    if kind in "fc":
        plain = series.to_numpy(dtype=None if isinstance(series.dtype, np.dtype) else np.float64, na_value=np.nan)
        return {"kind": "numbers", "values": encoder.array(plain)}
    if not missing.any():
        return {"kind": "numbers", "values": encoder.array(np.asarray(series.to_numpy(dtype=_width(series, kind))))}
    whole = series.fillna(False if kind == "b" else 0).to_numpy(dtype=_width(series, kind))
    return {"kind": "gaps", "values": encoder.array(whole), "missing": encoder.array(missing)}


def _width(series: Any, kind: str) -> Any:
    return getattr(series.dtype, "numpy_dtype", series.dtype) if kind in "iu" else bool


def _times(series: Any) -> np.ndarray:
    return with_unit(np.asarray(series.to_numpy()))


def _objects(encoder: Encoder, series: Any, depth: int) -> Record:
    missing = series.isna().to_numpy(dtype=bool)
    entries = [None if gap else entry for entry, gap in zip(series.tolist(), missing, strict=True)]
    if type(series.dtype).__name__ in ("IntervalDtype", "PeriodDtype"):
        entries = [None if entry is None else str(entry) for entry in entries]
    if all(entry is None or isinstance(entry, str) for entry in entries) and (entries or series.dtype != object):
        lengths = np.array([-1 if entry is None else len(entry) for entry in entries], dtype=np.int32)
        joined = encoder.text("".join(str.__str__(entry) for entry in entries if entry is not None))
        return {"kind": "texts", "joined": joined, "lengths": encoder.array(lengths)}
    if len(entries) > MAX_OBJECTS:
        raise ValueError(f"a column of more than {MAX_OBJECTS} objects")
    return {"kind": "objects", "entries": [encoder.value(entry, depth + 1) for entry in entries]}
