"""Which known mistake is this?

A wrong value gets a mistake's name only if the mistake, and no other, gives exactly that evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coursegrader.course.cells import Answer
from coursegrader.errors import EvidenceError
from coursegrader.judging.judges.builtin import Expectation
from coursegrader.judging.judges.expectations import Record
from coursegrader.judging.values.comparing import compare
from coursegrader.judging.values.decoding import decode
from coursegrader.judging.values.measure import scaled
from coursegrader.model import CellResult, CellRun

#: Another mistake whose evidence is this many tolerances away is too near to tell the two apart.
FAR = 10.0


@dataclass
class KnownMistake:
    """A mistake with the evidence it gives under one seed."""

    answer: Answer
    cells: dict[str, CellRun]


def recognise(
    result: CellResult, records: list[Record], expected: list[Expectation], losing: Callable[[str], list[KnownMistake]]
) -> Answer | None:
    """Return the one known mistake whose evidence in a cell is the student's, or None.

    Args:
        result: The judged grade cell.
        records: The student's evidence.
        expected: The reference's.
        losing: Finds the mistakes of the notebook that lose a grade cell, with their evidence.
    """
    mine = _values(records)
    compared = [want for want in expected if want.terms["judge"] in ("close", "equal")]
    failed = {evidence.name for evidence in result.evidence if evidence.verdict != "passed"}
    wrong = failed & {want.name for want in compared} & set(mine)
    if not wrong:
        return None  # nothing arrived that could be told from any other failure
    candidates = [
        (mistake.answer, _values(mistake.cells[result.grade_id].records)) for mistake in losing(result.grade_id)
    ]
    near = [(answer, values) for answer, values in candidates if _same(mine, values, compared, FAR)]
    if len(near) == 1 and _same(mine, near[0][1], compared, 1.0):
        return near[0][0]
    return None


def _values(records: list[Record]) -> dict[str, Any]:
    """Decode records by name; what cannot be decoded is left out."""
    found: dict[str, Any] = {}
    for record in records:
        try:
            found[str(record["name"])] = decode(record["value"])
        except (EvidenceError, KeyError, TypeError, RecursionError):
            continue
    return found


def _same(mine: dict[str, Any], theirs: dict[str, Any], compared: list[Expectation], scale: float) -> bool:
    """Tell whether two answers give the same evidence, and none where the other gives none."""
    for want in compared:
        if (want.name in mine) != (want.name in theirs):
            return False
        if want.name in mine:
            atol, rtol = scaled(want.terms["atol"], scale), scaled(want.terms["rtol"], scale)
            if compare(want.name, theirs[want.name], mine[want.name], atol, rtol).verdict != "passed":
                return False
    return True
