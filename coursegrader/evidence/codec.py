"""Which data stands for a value? Plain JSON of a few kinds, within bounds that hold for all of a value together."""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import numpy as np

from coursegrader.evidence import tables
from coursegrader.evidence.arrays import UNITS, as_array, time_of, zoned
from coursegrader.evidence.drawing import Drawing

MAX_BYTES = 1_000_000  # of one value, encoded
MAX_DEPTH = 8
MAX_ENTRIES = 10_000  # of one list, dict or set
MAX_NODES = 20_000  # of one value: more the grader would not keep
#: The only dtypes that travel: little-endian booleans, integers, floats and complex numbers, dates and times.
DTYPES = frozenset(
    ["|b1", "|i1", "|u1", "<i2", "<i4", "<i8", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"]
    + [f"<{kind}8[{unit}]" for kind in "Mm" for unit in UNITS]
)
Record = dict[str, Any]


def encode(value: Any) -> Record:
    """Encode a value as JSON data.

    The kinds are ``{"none": true}``, ``{"text": ...}``, ``{"array": ...}`` for numbers and times, ``{"moments": ...}``
    for times with a zone, ``{"list": [...]}``, ``{"dict": [[key, value], ...]}``, ``{"set": [...]}``, ``{"drawn":
    {...}}``, and those of pandas, see :mod:`coursegrader.evidence.tables`.

    Raises:
        TypeError: The value is of no allowed type.
        ValueError: The value is too large or nested too deeply.
    """
    return Encoder().value(value)


class Encoder:
    """Encodes the parts of one value; all of them share the bounds."""

    def __init__(self) -> None:
        self._bytes, self._nodes = MAX_BYTES, MAX_NODES

    def spend(self, size: int) -> None:
        """Take off what a part needs.

        Raises:
            ValueError: There is not so much left.
        """
        self._bytes, self._nodes = self._bytes - size, self._nodes - 1
        if self._bytes < 0 or self._nodes < 0:
            raise ValueError(f"larger than {MAX_BYTES} bytes or {MAX_NODES} parts; emit less of it")

    def value(self, value: Any, depth: int = 0) -> Record:
        """Encode a value or a part of one."""
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        if value is None:
            self.spend(0)
            return {"none": True}
        if isinstance(value, str):
            return {"text": self.text(value)}
        if isinstance(value, Drawing):
            return {"drawn": {key: self.value(part, depth + 1) for key, part in dict.items(value)}}
        if isinstance(value, dict):
            pairs = list(dict.items(value))
            return {"dict": [[self.plain(k), self.value(v, depth + 1)] for k, v in self._few(pairs)]}
        if isinstance(value, (set, frozenset)):
            return self.plain(value)
        if (record := tables.encoded(self, value, depth)) is not None:
            return record
        if (moment := zoned(value)) is not None:
            return {"moments": self.array(moment)}
        return self._numbers(value, depth)

    def _numbers(self, value: Any, depth: int) -> Record:
        array = as_array(value, MAX_DEPTH - depth)
        if array is not None:
            return {"array": self.array(array)}
        if isinstance(value, np.ndarray) and value.dtype.kind in "UTO" and value.ndim:
            value = value.tolist()
        if isinstance(value, (list, tuple)):
            self.spend(0)
            return {"list": [self.value(item, depth + 1) for item in self._few(list(value))]}
        raise TypeError("neither a number, an array, a tensor, a string, nor a list, dict, set or table of them")

    def _few(self, parts: list[Any]) -> list[Any]:
        if len(parts) > MAX_ENTRIES:
            raise ValueError(f"more than {MAX_ENTRIES} entries")
        return parts

    def text(self, value: str) -> str:
        """Return a text that is not too long."""
        self.spend(len(value))
        return str.__str__(value)

    def array(self, array: np.ndarray) -> Record:
        """Encode numbers or times."""
        self.spend(array.nbytes * 4 // 3)
        array = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"))).reshape(array.shape)
        if array.dtype.str not in DTYPES:
            raise TypeError(f"an array of {array.dtype}")
        data = base64.b64encode(array.tobytes()).decode("ascii")
        return {"dtype": array.dtype.str, "shape": list(array.shape), "data": data}

    def plain(self, value: Any, depth: int = 0) -> Any:
        """Encode what a dict may have as a key and a set as a member."""
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        self.spend(0)
        if value is None or isinstance(value, (bool, np.bool_)):
            return None if value is None else bool(value)
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, (int, np.integer)):
            return self._whole(int(value))
        if isinstance(value, (float, np.floating)):
            if value != value:
                raise ValueError("nan as a key or in a set: nothing is the same as it")
            return {"float": float(value).hex()}
        if isinstance(value, tuple):
            return [self.plain(item, depth + 1) for item in self._few(list(value))]
        if isinstance(value, (set, frozenset)):
            members = [self.plain(item, depth + 1) for item in self._few(list(value))]
            return {"set": sorted(members, key=json.dumps)}  # the same in every run
        if (moment := zoned(value)) is not None:
            return {"moment": self.array(moment)}
        if (time := time_of(value)) is not None and not np.isnat(time):
            return {"time": self.array(time)}
        raise TypeError(f"{type(value).__name__} as a key or in a set")

    def _whole(self, value: int) -> int:
        if not -(2**63) <= value < 2**64:
            raise ValueError("a whole number of more than 64 bits")
        return value


def describe(value: Any) -> str:
    """Return a value in a few words, for its author."""
    if "pandas" in sys.modules and hasattr(value, "iloc"):
        return f"{type(value).__name__} of shape {value.shape}"
    array = as_array(value)
    if array is None:
        return f"{type(value).__name__} {str(value)[:60]!r}"
    if array.size == 0 or array.dtype.kind not in "iuf":
        return f"shape {tuple(array.shape)}, {array.dtype}"
    return f"shape {tuple(array.shape)}, {array.dtype}, from {array.min():.6g} to {array.max():.6g}"
