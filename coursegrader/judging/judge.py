"""Evidence and reference evidence in, verdicts and points out: pure functions, and no student code anywhere near.

Names, tolerances, weights and the kind of comparison always come from the reference run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coursegrader.course.cells import GradedCell
from coursegrader.course.region import asks_for_a_value
from coursegrader.errors import AuthoringError, EvidenceError
from coursegrader.judging.forgeable import believed
from coursegrader.judging.judges.builtin import JUDGES, Expectation, by_own_judge
from coursegrader.judging.judges.expectations import Record
from coursegrader.judging.sieve import plain_error
from coursegrader.judging.values.decoding import decode
from coursegrader.judging.values.measure import OTHER
from coursegrader.model import UNJUDGED, CellResult, CellRun, EvidenceResult


def judge(
    expected: list[Expectation], records: list[Record], truth: Path | None = None, names: frozenset[str] = frozenset()
) -> list[EvidenceResult]:
    """Judge the evidence of one grade cell.

    Args:
        expected: From the reference run.
        records: What the student's kernel emitted while this cell's hidden region ran.
        truth: Folder that the ``accuracy`` judge's truth paths are relative to.
        names: Names that students were given: only these are said of the reference's columns and keys.

    Returns:
        One result per expectation, in order; records with unknown names are ignored.
    """
    by_name: dict[str, list[Record]] = {}
    for record in records:
        if isinstance(record, dict) and isinstance(record.get("name"), str):
            by_name.setdefault(record["name"], []).append(record)
    return [_judge_one(want, by_name.get(want.name, []), truth, names) for want in expected]


def earned(results: list[EvidenceResult], points: float) -> float:
    """Return a cell's points: its maximum times the passed share of the weights, to two decimals.

    All of them are for those alone who passed everything: nothing less is ever rounded up to them.
    """
    heaviest = max((result.weight for result in results), default=0.0)
    if heaviest <= 0:
        return 0.0
    if passed(results):
        return points
    weights = [result.weight / heaviest for result in results]  # their sum would not be a number if they were huge
    share = sum(weight * result.fraction for weight, result in zip(weights, results, strict=True)) / sum(weights)
    rounded = round(points * share, 2)
    return rounded if rounded < points else max(0.0, round(points - 0.01, 2))


def passed(results: list[EvidenceResult]) -> bool:
    """Tell whether there is evidence that counts, and all of it was passed."""
    counting = [result for result in results if result.weight > 0]
    return bool(counting) and all(result.fraction == 1 for result in counting)


def _judge_one(want: Expectation, records: list[Record], truth: Path | None, names: frozenset[str]) -> EvidenceResult:
    def refuse(verdict: str, message: str) -> EvidenceResult:
        return EvidenceResult(want.name, verdict, 0.0, want.weight, judge=want.terms["judge"], message=message,
                              label=want.label)  # fmt: skip

    if not records:
        return refuse("missing", "no value arrived: the test stopped before this point")
    if len(records) > 1:
        return refuse("repeated", "the value arrived more than once, so none of them counts")
    if "error" in records[0]:
        return refuse(
            "wrong_type",
            "your result is nothing that can be compared (as numbers, text, lists, dicts and tables can), or "
            "it is far too large",
        )
    try:
        got = decode(records[0].get("value"))
    except (EvidenceError, RecursionError) as error:
        return refuse("malformed", f"the value could not be read: {error}")
    try:
        return judge_value(want, got, truth, names)
    except AuthoringError as error:  # it costs what was asked about, and is told to the author
        result = refuse(UNJUDGED, "the tests themselves failed here, not your answer; your instructor can see why")
        result.fault = str(error)
        return result


def judge_value(
    want: Expectation, got: Any, truth: Path | None = None, names: frozenset[str] = frozenset()
) -> EvidenceResult:
    """Judge a value that was decoded already, see :func:`judge`.

    Raises:
        AuthoringError: A judge of the course's own failed, or a file of truth is missing.
    """
    result = by_own_judge(want, got, names) if want.own else JUDGES[want.terms["judge"]](want, got, truth, names)
    result.weight, result.judge, result.label = want.weight, want.terms["judge"], want.label
    return result


def judge_cell(
    cell: GradedCell,
    run: CellRun,
    expected: list[Expectation],
    truth: Path | None = None,
    names: frozenset[str] = frozenset(),
) -> CellResult:
    """Judge one autograded cell.

    A cell without evidence keeps nbgrader's meaning, see :func:`coursegrader.judging.forgeable.believed`.
    """
    result = CellResult(cell.grade_id, 0.0, cell.points, cell.optional, seconds=run.seconds, detail=run.error)
    result.forgeable = not expected
    result.evidence = judge(expected, run.records, truth, names)
    if asks_for_a_value(cell.hidden or ""):
        for item in result.evidence:
            _hide_size(item)
    if expected:
        full = passed(result.evidence)
        result.points = 0.0 if cell.all_or_nothing and not full else earned(result.evidence, cell.points)
    else:
        result.points, result.message = believed(cell, run)
        full = result.points == cell.points and run.verdict == run.visible == "ok"
    if full:
        result.verdict = "full"
    elif run.verdict not in ("ok", "error"):
        result.verdict = run.verdict
    else:
        result.verdict = "partial" if result.points else "wrong"
    if result.verdict != "full" and run.verdict != "ok":
        result.message = _ending(run, cell.hidden or "", names)
    return result


def _hide_size(result: EvidenceResult) -> None:
    """Keep from students how far off a value they typed is: added to it, that is the expected value."""
    if result.verdict == "wrong_value" and result.judge in ("close", "equal"):
        result.max_error = None
        if not result.message.endswith(OTHER):  # which members of a set are wrong would tell, too
            result.message = OTHER


def judge_written(cell: GradedCell, answered: bool) -> CellResult:
    """Return the result of a written question: it waits for a grader, or earns 0 if nothing was written."""
    result = CellResult(cell.grade_id, None if answered else 0.0, cell.points, cell.optional, manual=True)
    result.verdict = "manual" if answered else "no_response"
    result.message = "waits for a grader" if answered else "no answer was written"
    return result


def _ending(run: CellRun, region: str, names: frozenset[str]) -> str:
    """Say in words how the tests of a cell ended."""
    word = run.verdict.partition(":")[0]
    if word == "error":
        return f"the tests stopped with {plain_error(run.error, region, names)}"
    return {
        "timeout": "your code ran too long and was stopped (is there a loop that never ends?)",
        "kernel_died": f"your code ended the whole Python process ({run.verdict.partition(':')[2] or 'crash'})",
        "memory_limit": "your code used more memory than allowed",
        "cpu_limit": "your code used more processor time than allowed",
        "disk_limit": "your code wrote more to disk than allowed",
        "process_limit": "your code started more processes than allowed",
        "output_limit": "your code printed more than allowed",
        "protocol_error": "your code broke the connection to the notebook's kernel",
        "not_run": "the notebook had used up its time, or its kernel had died too often, before this question",
    }.get(word, run.verdict)
