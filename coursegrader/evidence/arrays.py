"""Which values are numbers or times, and as which array do they travel?"""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

UNITS = ("D", "s", "ms", "us", "ns")  # of times that travel
LONGEST = 1_000_000  # entries of all lists in one another that may be an array


def as_array(value: Any, levels: int = 8) -> np.ndarray | None:
    """Return tensors, numbers, times and rectangular lists of these as one array, everything else as None.

    Raises:
        ValueError: A list holds too many of them, perhaps by holding one part again and again.
    """
    return _array(value, levels, [LONGEST])


def _array(value: Any, levels: int, left: list[int]) -> np.ndarray | None:
    left[0] -= 1
    if left[0] < 0:
        raise ValueError(f"more than {LONGEST} entries")
    if hasattr(value, "detach"):  # a torch tensor, without importing torch
        value = value.detach().cpu()
        value = value.resolve_conj().resolve_neg() if hasattr(value, "resolve_conj") else value
        return np.asarray(value.float().numpy() if str(value.dtype) == "torch.bfloat16" else value.numpy())
    if isinstance(value, np.ma.MaskedArray):
        value = _filled(value)
    if (time := time_of(value)) is not None:
        return time
    if isinstance(value, (Fraction, Decimal)):
        try:
            return np.asarray(float(value))
        except OverflowError:
            return None
    if isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
        array = np.asarray(value)
        if array.dtype.kind == "O" and array.size and isinstance(value, np.ndarray):
            return _array(array.tolist(), levels - 1, left) if levels >= 0 else None  # one of no axis may hold itself
        if array.dtype in (np.longdouble, np.clongdouble):  # which not every machine has
            array = array.astype(np.float64 if array.dtype.kind == "f" else np.complex128)
        return array if array.dtype.kind in "biufc" else None
    if isinstance(value, (list, tuple)) and value and levels >= 0:
        parts = [_array(item, levels - 1, left) for item in value]
        if any(part is None for part in parts) or len({part.shape for part in parts}) > 1:  # type: ignore[union-attr]
            return None
        if len({_sort(part) for part in parts}) > 1:  # type: ignore[arg-type]
            return None  # True among numbers would become 1
        return np.stack(parts)  # type: ignore[arg-type]
    return None


def _sort(array: np.ndarray) -> str:
    return array.dtype.kind if array.dtype.kind in "bMm" else "number"


def _filled(array: np.ma.MaskedArray) -> np.ndarray:
    if not np.ma.is_masked(array):
        return np.asarray(array.data)
    if array.dtype.kind not in "fc":
        raise TypeError("a masked array with gaps")
    return np.asarray(array.filled(np.nan))


def zoned(value: Any) -> np.ndarray | None:
    """Return a time with a zone as the same moment in UTC."""
    if not isinstance(value, datetime.datetime) or value.tzinfo is None:
        return None
    if hasattr(value, "to_datetime64"):  # of pandas, with nanoseconds
        return with_unit(np.asarray(value.to_datetime64()))
    return np.asarray(np.datetime64(value.astimezone(datetime.timezone.utc).replace(tzinfo=None), "us"))


def time_of(value: Any) -> np.ndarray | None:
    """Return dates, times and time spans of Python, NumPy and pandas as an array, everything else as None."""
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return None
    for name in ("to_datetime64", "to_timedelta64"):
        if isinstance(value, (datetime.datetime, datetime.timedelta)) and hasattr(value, name):
            return with_unit(np.asarray(getattr(value, name)()))
    if isinstance(value, datetime.date):
        return np.asarray(np.datetime64(value, "us" if isinstance(value, datetime.datetime) else "D"))
    if isinstance(value, datetime.timedelta):
        return np.asarray(np.timedelta64(value, "us"))
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "Mm":
        return with_unit(np.asarray(value))
    return None


def with_unit(array: np.ndarray) -> np.ndarray:
    """Return times in one of the units that travel."""
    kind, (unit, count) = array.dtype.kind, np.datetime_data(array.dtype)
    unit = {"Y": "D", "M": "D", "W": "D", "h": "s", "m": "s", "generic": "s"}.get(unit, unit)
    return array if (unit, count) == np.datetime_data(array.dtype) else array.astype(f"{kind}8[{unit}]")
