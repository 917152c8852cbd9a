"""Which value does a record of evidence hold? Plain data alone: nothing in it is ever executed or unpickled."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

import numpy as np

from coursegrader.errors import EvidenceError
from coursegrader.evidence import DTYPES, MAX_BYTES, MAX_DEPTH, MAX_ENTRIES


def decode(data: Any, depth: int = 0) -> Any:
    """Decode what :func:`coursegrader.evidence.encode` wrote: an array, a string, None, or a list of them.

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
    if kind == "list" and isinstance(value, list) and len(value) <= MAX_ENTRIES:
        return [decode(item, depth + 1) for item in value]
    if kind == "array" and isinstance(value, dict):
        return _decode_array(value)
    raise EvidenceError("malformed record")


def _decode_array(value: dict[str, Any]) -> np.ndarray:
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
