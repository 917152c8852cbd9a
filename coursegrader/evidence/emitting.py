"""What does a hidden region call? Inputs to draw, values to emit, judges to name."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from coursegrader.evidence.codec import describe, encode

MIME = "application/vnd.coursegrader.evidence+json"
SEED_VARIABLE = "COURSEGRADER_SEED"  # set only while the grader executes a notebook
REFERENCE_VARIABLE = "COURSEGRADER_REFERENCE"  # set only while the instructor's own notebook is executed


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
    atol: float | dict[str, float] = 1e-4,
    rtol: float | dict[str, float] = 1e-4,
    judge: str | dict[str, Any] = "close",
    target: Callable[[], Any] | None = None,
    label: str = "",
    site: int | None = None,
) -> None:
    """Emit one raw value under a name; the grader judges it outside this process.

    Args:
        name: Unique within the grade cell.
        value: A number, string, bool, array, tensor, date, time span, pandas table, series, index or categorical, what
            :func:`coursegrader.evidence.drawn` returns, or lists, dicts and sets of these, nested or not.
        weight: Share of the cell's points, relative to the other evidence of the cell.
        atol: Absolute tolerance; an element passes if its error is at most ``atol + rtol * |expected|``.
            Of dates and time spans it is in seconds. A dict gives tolerances of columns or keys by name.
        rtol: Relative tolerance.
        judge: ``"close"``, ``"equal"``, :func:`mse_below`, :func:`accuracy`, or the name of a function in the
            assignment's ``judges.py``.
        target: For :func:`mse_below`: computes the targets; called in the reference run only.
        label: What a student reads for this case, as "edge to q"; without it pages number the cases.

        site: Which call of the region this is; the grader fills it in.

    Every keyword is read from the instructor's own run and ignored in a student's.
    """
    if SEED_VARIABLE not in os.environ:
        print(f"evidence {name}: {describe(value)}")
        return
    record: dict[str, Any] = {"name": str(name)}
    try:
        record["value"] = encode(value)
    except (TypeError, ValueError, OverflowError, RuntimeError, AttributeError) as error:
        record["error"] = f"{type(value).__name__}: {error}"[:200]
    if REFERENCE_VARIABLE in os.environ:
        terms = {"judge": judge} if isinstance(judge, str) else dict(judge)
        record["terms"] = {**terms, "weight": float(weight), "atol": tolerance(atol), "rtol": tolerance(rtol)}
        if label:
            record["terms"]["label"] = str(label)
        if site is not None:
            record["site"] = site
        if target is not None:
            record["target"] = encode(target())
    from IPython.display import publish_display_data  # only a kernel has it; instructors' scripts need not

    publish_display_data({MIME: record, "text/plain": f"evidence {name}"})


def tolerance(value: float | dict[str, float]) -> float | dict[str, float]:
    """Return a tolerance as it travels."""
    return {str(key): float(part) for key, part in value.items()} if isinstance(value, dict) else float(value)
