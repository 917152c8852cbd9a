"""How does a value leave the kernel?

The only module imported inside a student's kernel: it encodes raw values and emits them as data.
It knows no expected value and takes no decision; whatever a student does to it costs only that student.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable
from typing import Any

import numpy as np

MIME = "application/vnd.coursegrader.evidence+json"
SEED_VARIABLE = "COURSEGRADER_SEED"  # set only while the grader executes a notebook
REFERENCE_VARIABLE = "COURSEGRADER_REFERENCE"  # set only while the instructor's own notebook is executed
MAX_BYTES = 1_000_000  # of one value, encoded
MAX_DEPTH = 8
MAX_ENTRIES = 10_000  # of one list
#: The only dtypes that travel: little-endian booleans, integers, floats and complex numbers.
DTYPES = frozenset(["|b1", "|i1", "|u1", "<i2", "<i4", "<i8", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"])


class Wrong(Exception):  # noqa: N818 -- said of an answer, not of the program
    """What a judge of the course's own raises to tell a student, in a sentence, why a value earns nothing."""


def rng(label: str, *sizes: int) -> np.random.Generator:
    """Return a NumPy generator that depends only on the grading seed, the label and the sizes.

    Args:
        label: Any text; different labels give independent generators.
        *sizes: Integers that tell generators of one label apart.

    Returns:
        A fresh generator; two calls with equal arguments give equal streams within one grading run.
    """
    key = json.dumps([os.environ.get(SEED_VARIABLE, "0"), label, *map(int, sizes)])
    return np.random.default_rng(int.from_bytes(hashlib.sha256(key.encode()).digest()[:16], "big"))


def mse_below(bound: float) -> dict[str, Any]:
    """Judge predictions by their mean squared error against the ``target`` that only the reference run emits."""
    return {"judge": "mse_below", "bound": float(bound)}


def accuracy(truth: str, zero_at: float, full_at: float) -> dict[str, Any]:
    """Judge predicted labels against a file that only the judge reads.

    Args:
        truth: Path relative to the assignment's source folder; one label a line.
        zero_at: Accuracy (0 to 1) that earns nothing.
        full_at: Accuracy (0 to 1) that earns everything; linear in between.
    """
    return {"judge": "accuracy", "truth": truth, "zero_at": float(zero_at), "full_at": float(full_at)}


def evidence(
    name: str,
    value: Any,
    *,
    weight: float = 1,
    atol: float = 1e-4,
    rtol: float = 1e-4,
    judge: str | dict[str, Any] = "close",
    target: Callable[[], Any] | None = None,
    label: str = "",
    site: int | None = None,
) -> None:
    """Emit one raw value under a name; the grader judges it outside this process.

    Args:
        name: Unique within the grade cell.
        value: A tensor, array, number, string, bool, or a (nested) list of them.
        weight: Share of the cell's points, relative to the other evidence of the cell.
        atol: Absolute tolerance; an element passes if its error is at most ``atol + rtol * |expected|``.
        rtol: Relative tolerance.
        judge: ``"close"``, ``"equal"``, :func:`mse_below`, :func:`accuracy`, or the name of a function in the
            assignment's ``judges.py``.
        target: For :func:`mse_below`: computes the targets; called in the reference run only.
        label: What a student reads for this case, as "edge to q"; without it pages number the cases.

        site: Which call of the region this is; the grader fills it in.

    Every keyword is read from the instructor's own run and ignored in a student's.
    """
    if SEED_VARIABLE not in os.environ:
        print(f"evidence {name}: {_describe(value)}")
        return
    record: dict[str, Any] = {"name": str(name)}
    try:
        record["value"] = encode(value)
    except (TypeError, ValueError, OverflowError, RuntimeError, AttributeError) as error:
        record["error"] = f"{type(value).__name__}: {error}"[:200]
    if REFERENCE_VARIABLE in os.environ:
        terms = {"judge": judge} if isinstance(judge, str) else dict(judge)
        record["terms"] = {**terms, "weight": float(weight), "atol": float(atol), "rtol": float(rtol)}
        if label:
            record["terms"]["label"] = str(label)
        if site is not None:
            record["site"] = site
        if target is not None:
            record["target"] = encode(target())
    from IPython.display import publish_display_data  # only a kernel has it; instructors' scripts need not

    publish_display_data({MIME: record, "text/plain": f"evidence {name}"})


def encode(value: Any, depth: int = 0) -> dict[str, Any]:
    """Encode a value as JSON data: ``{"array": ...}``, ``{"text": ...}``, ``{"none": true}`` or ``{"list": [...]}``.

    Raises:
        TypeError: The value is of no allowed type.
        ValueError: The value is too large or nested too deeply.
    """
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if value is None:
        return {"none": True}
    if isinstance(value, str):
        if len(value) > MAX_BYTES:
            raise ValueError("text too long")
        return {"text": str(value)}
    if isinstance(value, dict):
        raise TypeError("a dict is no evidence: emit its values one by one")
    array = _as_array(value)
    if array is not None:
        return _encode_array(array)
    if isinstance(value, (list, tuple)):
        if len(value) > MAX_ENTRIES:
            raise ValueError(f"more than {MAX_ENTRIES} entries in a list")
        return {"list": [encode(item, depth + 1) for item in value]}
    raise TypeError("neither a number, an array, a tensor, a string, nor a list of them")


def _as_array(value: Any) -> np.ndarray | None:
    """Return tensors, numbers and rectangular lists of numbers as one array, everything else as None."""
    if hasattr(value, "detach"):  # a torch tensor, without importing torch
        value = value.detach().cpu()
        value = value.resolve_conj().resolve_neg() if hasattr(value, "resolve_conj") else value
        return np.asarray(value.float().numpy() if str(value.dtype) == "torch.bfloat16" else value.numpy())
    if isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
        array = np.asarray(value)
        return array if array.dtype.kind in "biufc" else None
    if isinstance(value, (list, tuple)) and value:
        parts = [_as_array(item) for item in value]
        if any(part is None for part in parts) or len({part.shape for part in parts}) > 1:  # type: ignore[union-attr]
            return None
        if 0 < sum(part.dtype.kind == "b" for part in parts) < len(parts):  # type: ignore[union-attr]
            return None  # True among numbers would become 1
        return np.stack(parts)  # type: ignore[arg-type]
    return None


def _encode_array(array: np.ndarray) -> dict[str, Any]:
    if array.nbytes * 4 // 3 > MAX_BYTES:
        raise ValueError(f"{array.nbytes} bytes, more than the limit")
    array = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"))).reshape(array.shape)
    if array.dtype.str not in DTYPES:
        raise TypeError(f"an array of {array.dtype}")
    data = base64.b64encode(array.tobytes()).decode("ascii")
    return {"array": {"dtype": array.dtype.str, "shape": list(array.shape), "data": data}}


def _describe(value: Any) -> str:
    array = _as_array(value)
    if array is None:
        return f"{type(value).__name__} {str(value)[:60]!r}"
    if array.size == 0 or array.dtype.kind not in "iuf":
        return f"shape {tuple(array.shape)}, {array.dtype}"
    return f"shape {tuple(array.shape)}, {array.dtype}, from {array.min():.6g} to {array.max():.6g}"
