"""What does the instructor's own run say about each piece of evidence, and can it be judged at all?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from coursegrader.errors import AuthoringError, EvidenceError
from coursegrader.judging.judges.builtin import JUDGES, Expectation, by_own_judge
from coursegrader.judging.judges.own import OwnJudge
from coursegrader.judging.values.decoding import decode
from coursegrader.judging.values.kinds import Frame

Record = dict[str, Any]


def expectations(
    records: list[Record], place: str, judges: Mapping[str, OwnJudge] = MappingProxyType({})
) -> list[Expectation]:
    """Read the evidence of the instructor's own run.

    Args:
        records: What the run emitted.
        place: Notebook and cell, for the author.
        judges: The course's own.

    Raises:
        AuthoringError: A name is used twice, a value cannot be encoded, or a judge cannot work with its terms.
    """
    found: dict[str, Expectation] = {}
    for record in records:
        name = str(record.get("name"))
        if name in found:
            raise AuthoringError(f"{place}: evidence {name!r} is emitted twice; give each piece its own name")
        if "error" in record:
            raise AuthoringError(f"{place}: evidence {name!r} cannot be emitted: {record['error']}")
        try:
            target = decode(record["target"]) if "target" in record else None
            own = judges.get(record["terms"]["judge"])
            found[name] = Expectation(name, decode(record["value"]), record["terms"], target, own, place)
        except EvidenceError as error:
            raise AuthoringError(
                f"{place}: evidence {name!r} cannot be read: {error}; emit something simpler"
            ) from error
        problem = _useless(found[name], judges)
        if problem:
            raise AuthoringError(f"{place}: evidence {name!r} {problem}")
    if found and not any(want.weight for want in found.values()):
        raise AuthoringError(f"{place}: all evidence has weight 0, so nothing can be earned; give one a weight")
    return list(found.values())


def _useless(want: Expectation, judges: Mapping[str, OwnJudge]) -> str:
    """Say why a judge could not work with what the instructor wrote, or return an empty text."""
    terms = want.terms
    if terms["judge"] not in {**JUDGES, **judges}:
        return f"names no judge {terms['judge']!r}; known: {', '.join([*JUDGES, *judges])}"
    for key in ("weight", "atol", "rtol", "bound", "zero_at", "full_at"):
        given = terms.get(key, 0)
        if isinstance(given, dict) and (unknown := sorted(set(given) - _named_parts(want.value))):
            return f"has {key} for {unknown[0]!r}, which is no column or key of its value"
        if not all(0 <= number < math.inf for number in (given.values() if isinstance(given, dict) else [given])):
            return f"has {key}={terms[key]}; it must be a number from 0 up"
    if terms["judge"] == "mse_below" and not (isinstance(want.target, np.ndarray) and want.target.size):
        return "needs target=..., the array of values mse_below compares with"
    if terms["judge"] == "accuracy" and not terms["zero_at"] < terms["full_at"] <= 1:
        return "needs zero_at < full_at <= 1"
    if want.own is not None and by_own_judge(want, want.value).fraction != 1:
        return f"does not earn everything from its own judge {want.own.name!r} in {want.own.path}; mend one of them"
    return ""


def _named_parts(value: Any) -> set[str]:
    """Return the names that tolerances may be given for."""
    labels = value.columns.labels() if isinstance(value, Frame) else value if isinstance(value, dict) else ()
    return {str(label) for label in labels}
