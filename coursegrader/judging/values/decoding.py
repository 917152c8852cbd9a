"""Which value does a record of evidence hold? Plain data alone: nothing in it is ever executed or unpickled."""

from __future__ import annotations

import base64
import binascii
import math
from collections import Counter
from typing import Any

import numpy as np

from coursegrader.errors import EvidenceError
from coursegrader.evidence import DTYPES, MAX_BYTES, MAX_DEPTH, MAX_ENTRIES
from coursegrader.evidence.drawing import PARTS
from coursegrader.evidence.tables import MAX_COLUMNS
from coursegrader.judging.values.kinds import Column, Drawn, Frame, Index, Moments, Series

_SAME_HASH = 100  # keys with one hash: -1 and -2 have the same, and so have tuples of them, but few others


def decode(data: Any, depth: int = 0) -> Any:
    """Decode what :func:`coursegrader.evidence.encode` wrote.

    Returns:
        An array, a string, None, a list, a dict, a frozenset, or a value of :mod:`coursegrader.judging.values.kinds`.

    Raises:
        EvidenceError: The data is anything else; nothing in it is ever executed or unpickled.
    """
    if depth > MAX_DEPTH or not isinstance(data, dict) or len(data) != 1:
        raise EvidenceError("malformed record")
    ((kind, value),) = data.items()
    if kind == "none" and value is True:
        return None
    if kind == "text" and isinstance(value, str) and len(value) <= MAX_BYTES:
        return value
    if kind == "list":
        return [decode(item, depth + 1) for item in entries(value)]
    if kind == "array":
        return decode_array(value)
    if kind == "moments":
        return Moments(_times(value))
    if kind == "dict":
        return _dict(value, depth)
    if kind == "set":
        return _plain(data)
    if kind == "drawn":
        return _drawn(value, depth)
    return decode_table(kind, value, depth)


def entries(value: Any, most: int = MAX_ENTRIES) -> list[Any]:
    """Return a list that is one.

    Raises:
        EvidenceError: It is something else, or too long.
    """
    if not isinstance(value, list) or len(value) > most:
        raise EvidenceError("malformed record")
    return value


def _dict(value: Any, depth: int) -> dict[Any, Any]:
    pairs = entries(value)
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise EvidenceError("a key without a value")
    keys = [_plain(pair[0]) for pair in pairs]
    if len(_distinct(keys)) < len(keys):
        raise EvidenceError("a key that comes twice")
    return {key: decode(pair[1], depth + 1) for key, pair in zip(keys, pairs, strict=True)}


def _distinct(keys: list[Any]) -> frozenset[Any]:
    """Return a set of keys.

    Raises:
        EvidenceError: They were chosen so that a set of them takes forever: hashes of numbers are no secret.
    """
    if max(Counter(map(hash, keys)).values(), default=0) > _SAME_HASH:
        raise EvidenceError("keys that cannot be told apart quickly")
    return frozenset(keys)


def _plain(data: Any, depth: int = 0) -> Any:
    """Decode a key or a member of a set: text, numbers, truth values, None, times, and tuples and sets of these."""
    if data is None or type(data) in (bool, str):
        return data
    if type(data) is int and -(2**63) <= data < 2**64:
        return data
    if depth > MAX_DEPTH:
        raise EvidenceError("malformed record")
    if isinstance(data, list) and len(data) <= MAX_ENTRIES:
        return tuple(_plain(item, depth + 1) for item in data)
    if isinstance(data, dict) and len(data) == 1:
        ((kind, value),) = data.items()
        if kind == "float":
            return _float(value)
        if kind in ("time", "moment"):
            return _moment(kind, value)
        if kind == "set":
            members = [_plain(item, depth + 1) for item in entries(value)]
            if len(members) > len(found := _distinct(members)):
                raise EvidenceError("a member that comes twice")
            return found
    raise EvidenceError("malformed record")


def _float(value: Any) -> float:
    try:
        number = float.fromhex(value) if isinstance(value, str) and len(value) <= 40 else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if math.isnan(number):
        raise EvidenceError("no number as a key")
    return number


def _moment(kind: str, value: Any) -> tuple[str, int]:
    """Return a time as a key: what it is, and its nanoseconds."""
    time = _times(value)
    if time.shape or np.isnat(time):
        raise EvidenceError("no time as a key")
    unit = {"D": 86_400 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[np.datetime_data(time.dtype)[0]]
    return f"{kind} {time.dtype.kind}", int(time.astype(np.int64)) * unit


def _times(value: Any) -> np.ndarray:
    array = decode_array(value)
    if array.dtype.kind not in "Mm":
        raise EvidenceError("no time")
    return array


def _drawn(value: Any, depth: int) -> Drawn:
    if not isinstance(value, dict) or not set(value) <= set(PARTS):
        raise EvidenceError("no plot")
    return Drawn({part: decode(value[part], depth + 1) for part in PARTS if part in value})


# -- arrays -----------------------------------------------------------------------------------------------------------


def decode_array(value: Any) -> np.ndarray:
    """Decode numbers or times.

    Raises:
        EvidenceError: The data is anything else.
    """
    if not isinstance(value, dict):
        raise EvidenceError("malformed record")
    dtype, shape, text = value.get("dtype"), value.get("shape"), value.get("data")
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise EvidenceError("a dtype that is not allowed")
    if not isinstance(shape, list) or len(shape) > 32 or not all(type(n) is int and 0 <= n <= MAX_BYTES for n in shape):
        raise EvidenceError("a shape that is not allowed")
    if not isinstance(text, str) or len(text) > MAX_BYTES + 4:
        raise EvidenceError("more data than allowed")
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EvidenceError("data that is not base64") from error
    if math.prod(shape) * np.dtype(dtype).itemsize != len(raw):
        raise EvidenceError("a shape that does not match the data")
    if dtype == "|b1" and raw.strip(b"\0\1"):
        raise EvidenceError("a truth value that is neither")
    try:
        return np.frombuffer(raw, dtype=dtype).reshape(shape)
    except ValueError as error:  # NumPy refuses some shapes of no elements
        raise EvidenceError("a shape that is not allowed") from error


# -- tables -----------------------------------------------------------------------------------------------------------


def decode_table(kind: str, value: Any, depth: int) -> Any:
    """Decode what pandas had, see :mod:`coursegrader.evidence.tables`.

    Raises:
        EvidenceError: The data is anything else.
    """
    if kind == "column":
        return _column(value, depth)
    if kind == "index":
        return _index(value, depth)
    if kind == "series" and isinstance(value, dict) and set(value) == {"index", "values"}:
        series = Series(_index(value["index"], depth), _column(value["values"], depth))
        _agree(len(series.index), len(series.values))
        return series
    if kind == "frame" and isinstance(value, dict) and set(value) == {"columns", "index", "data"}:
        data = tuple(_column(column, depth) for column in entries(value["data"], MAX_COLUMNS))
        frame = Frame(_index(value["columns"], depth), _index(value["index"], depth), data)
        _agree(len(frame.columns), len(data))
        _agree(len(frame.index), *map(len, data))
        return frame
    raise EvidenceError("malformed record")


def _agree(*lengths: int) -> None:
    if len(set(lengths)) > 1:
        raise EvidenceError("parts of different lengths")


def _index(value: Any, depth: int) -> Index:
    levels = tuple(_column(level, depth) for level in entries(value, MAX_COLUMNS))
    if not levels:
        raise EvidenceError("an index of nothing")
    _agree(*map(len, levels))
    return Index(levels)


def _column(value: Any, depth: int) -> Column:
    kind = value.get("kind") if isinstance(value, dict) else None
    fields = {name: part for name, part in value.items() if name != "kind"} if isinstance(value, dict) else {}
    if depth > MAX_DEPTH or not isinstance(kind, str) or set(fields) != _FIELDS.get(kind):
        raise EvidenceError("malformed column")
    if kind == "texts":
        return Column("texts", _texts(fields["joined"], _row(fields["lengths"], "i")))
    if kind == "objects":
        return Column("objects", [decode(entry, depth + 1) for entry in entries(fields["entries"])])
    if kind == "category":
        return _category(fields, depth)
    values = _row(fields["values"], "M" if kind == "moments" else "biufcMm")
    missing = _row(fields["missing"], "b") if kind == "gaps" else None
    if missing is not None:
        _agree(len(values), len(missing))
    return Column("moments" if kind == "moments" else "numbers", values, missing)


_FIELDS = {"numbers": {"values"}, "moments": {"values"}, "gaps": {"values", "missing"}, "texts": {"joined", "lengths"},
           "objects": {"entries"}, "category": {"codes", "categories", "ordered"}}  # fmt: skip


def _row(value: Any, kinds: str) -> np.ndarray:
    array = decode_array(value)
    if array.ndim != 1 or array.dtype.kind not in kinds:
        raise EvidenceError("malformed column")
    return array


def _texts(joined: Any, lengths: np.ndarray) -> list[str | None]:
    sizes = lengths.tolist()
    if not isinstance(joined, str) or min(sizes, default=0) < -1 or sum(max(n, 0) for n in sizes) != len(joined):
        raise EvidenceError("texts of other lengths")
    found, start = [], 0
    for size in sizes:
        found.append(None if size < 0 else joined[start : start + size])
        start += max(size, 0)
    return found


def _category(fields: dict[str, Any], depth: int) -> Column:
    codes, categories = _row(fields["codes"], "i"), _column(fields["categories"], depth + 1)
    if type(fields["ordered"]) is not bool or categories.kind == "category":
        raise EvidenceError("malformed column")
    if codes.size and not (codes.min() >= -1 and codes.max() < len(categories)):
        raise EvidenceError("a category that there is not")
    return Column("category", codes, categories=categories, ordered=fields["ordered"])
