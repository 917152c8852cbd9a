"""How did this submission, this class do, in words?"""

from __future__ import annotations

import math
import re

from msgspec.structs import replace
from nbformat import NotebookNode
from nbformat.v4 import new_output

from coursegrader.course.metadata import grade_id
from coursegrader.judging.judges.builtin import JUDGES
from coursegrader.model import UNJUDGED, CellResult, EvidenceResult, Finding, Grading, NotebookResult


def points(value: float) -> str:
    """Return points without needless decimals."""
    return f"{value:g}"


def short(value: float | str | None) -> str:
    """Return a measured number with three digits; the log writes nan and inf as text."""
    return "" if value is None else value if isinstance(value, str) else f"{value:.3g}"


def table(rows: list[list[str]]) -> list[str]:
    """Align columns; texts that are too long push the rest of their line aside."""
    widths = [min(44, max(len(row[i]) for row in rows)) for i in range(len(rows[0]))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def cell_report(result: CellResult) -> str:
    """Return the max-error report of one grade cell as its student reads it."""
    first = f"{result.grade_id}: {points(result.points or 0.0)} of {points(result.max_points)} points"
    return "\n".join([first, *(f"  {line}" for line in cell_lines(result))]) + "\n"


def cell_lines(result: CellResult) -> list[str]:
    """Return what the report says about a grade cell besides its points: reasons, message, evidence, hint."""
    if result.verdict == "no_response":
        return [result.message] if result.message else []  # nothing was answered: there is nothing to compare
    lines = [*result.reasons, *([result.message] if result.message else [])]
    lines += [evidence_line(item, number) for number, item in enumerate(result.evidence, 1)]
    return [*lines, f"Hint: {result.hint}"] if result.hint else lines


def evidence_line(result: EvidenceResult, number: int) -> str:
    """Return one line of the report, in the words of the course: ``Max error all_h (case 1): 4.99e-05``."""
    mark = {"passed": "ok   ", "partial": "part "}.get(result.verdict, "WRONG")
    name = public_name(result.name, number, result.label)
    place = f" in {result.place}" if result.place else f" at {result.where}" if result.where else ""
    place = place if result.verdict == "wrong_value" else ""
    if result.verdict in ("passed", "wrong_value") and result.max_error is not None and not result.message:
        return f"{mark} Max error {name}: {result.max_error}{place} (tolerance {tolerance(result)})"
    return f"{mark} {name}: {result.message or 'as expected'}{place}"


def public_name(name: str, number: int, label: str = "") -> str:
    """Return what a student may read of an evidence's name: its first word and its label or its number in the cell.

    The rest of a name often tells sizes and inputs of the hidden case.
    """
    if label:
        return f"{_first_word(name)} ({label})"
    return f"{_first_word(name)} (case {number})"


def _first_word(name: str) -> str:
    words = name.split()
    return words[0].strip(",.;:") if words else "value"


def tolerance(result: EvidenceResult) -> str:
    """Return the tolerance as the instructor stated it; the limit itself would give the expected value away."""
    relative = f" + {result.relative:g} x |expected|" if result.relative else ""
    return short(result.tolerance) + relative


#: Findings that are for a person to look at: a suspicion, and a fault of the instructor's own.
NOT_TOLD = ("touches_internals", "judge_failed")


def told(grading: Grading) -> Grading:
    """Return what a student may read of a grading, on a page or on any platform."""
    notebooks = [  # the parts hold a digest of everything that was printed, and one of the seed
        replace(notebook, findings=_told(notebook.findings), seed="", parts={})
        for notebook in map(for_student, grading.notebooks)
    ]
    return replace(grading, seed="", notebooks=notebooks, findings=_told(grading.findings))


def _told(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.code not in NOT_TOLD]


#: What one page may carry of what the student's code chose, in bits: enough to learn from, too little to send with.
PAGE_BITS = 200.0


def for_student(result: NotebookResult, bits: float = PAGE_BITS) -> NotebookResult:
    """Return what a student may read of a notebook's result; the instructor's log keeps everything.

    Student code chooses what it returns, so errors, places, shapes and times could carry hidden inputs out.
    Numbers are rounded to two digits, and details are told as long as the page has room for them, first things first.
    Whether a value passed is always told.
    """
    cells = [replace(cell, evidence=list(map(replace, cell.evidence))) for cell in result.cells]
    findings, cost = _stopped(result)
    left = bits - cost - sum(_CELL_BITS + sum(map(_outcome, cell.evidence)) for cell in cells if not cell.manual)
    for cell in cells:
        cell.seconds = round(cell.seconds, -1)
        cost = _digits(cell.message) + (_HINT_BITS if cell.hint else 0.0) + sum(map(_of_reason, cell.reasons))
        cost += _DEATH_BITS if ":" in cell.verdict else 0.0
        left -= cost
        if left < 0:
            left += cost
            cell.verdict = cell.verdict.partition(":")[0]
            cell.message = re.sub("SIG[A-Z0-9]+|(exit |signal )?[0-9]+", "...", cell.message)
            cell.reasons = [_brief(reason) for reason in cell.reasons]
        for item in cell.evidence:
            left -= _tell(item, left)
    return replace(result, cells=cells, findings=findings, seconds=round(result.seconds, -1))


_CELL_BITS, _HINT_BITS, _VERDICT_BITS, _ERROR_BITS, _DEATH_BITS = 3.0, 4.0, 3.0, 12.0, 5.0
#: Cells without points whose end is told, and what each of them carries: one of a thousand, in one of 250 ways.
_STOPPED, _STOPPED_BITS = 3, 18.0
_ACCURACY_BITS = 14.0
_SMALLEST, _LARGEST = 1e-9, 1e9
#: What a reason holds beside its numbers: one of a hundred sentences, and two of a thousand names in its gaps.
_REASON_BITS = 7.0 + 2 * 10.0
#: Reasons that depend on what student code did; others are read from the notebook, which is no news to its author.
_OF_A_RUN = re.compile(r"your cell did not run|a test that you can see fails|the tests that you can see stop")


def _stopped(result: NotebookResult) -> tuple[list[Finding], float]:
    """Return what was found with only the first of the cells that did not end well, and the bits in these.

    A student adds as many cells as there is something to send, and chooses which of them end how.
    """
    stopped = [finding for finding in result.findings if finding.code == "cell_stopped"]
    findings = [finding for finding in result.findings if finding.code != "cell_stopped"] + stopped[:_STOPPED]
    if stopped[_STOPPED:]:
        detail = "further cells did not end well; run your notebook from the top to see which"
        findings.append(replace(stopped[0], place=f"{result.name}.ipynb", detail=detail))
    return findings, _STOPPED_BITS * min(len(stopped), _STOPPED)


def _outcome(item: EvidenceResult) -> float:
    """Return the bits in whether a value passed, which is always told; a judge of the course's own may fail, too.

    How many labels were right is told to four digits: in the log, in the points, and beside what was claimed.
    """
    if item.judge == "accuracy":
        return _ACCURACY_BITS
    return 1.0 if item.judge in JUDGES else 2.0


def _of_reason(reason: str) -> float:
    """Return the bits that a reason carries; a line of code is chosen by its number, and counts no further."""
    return _REASON_BITS + _digits(re.sub("`.*`", "", reason)) if _OF_A_RUN.match(reason) else 0.0


def _brief(reason: str) -> str:
    """Return a reason without what the run put into it."""
    known = _OF_A_RUN.match(reason)
    return f"{known[0]}; run your notebook from the top to see where" if known else reason


def _tell(item: EvidenceResult, left: float) -> float:
    """Round what a piece of evidence tells, leave its details out if there is no room; return the bits it carries."""
    item.max_error = _rounded(item.max_error)
    if item.verdict == "passed":
        item.max_error = item.max_error and min(item.max_error, _limit(item))
        item.where, item.place = None, ""
    cost = (0.0 if item.verdict == "passed" else _VERDICT_BITS) + _digits(item.message)
    cost += (_ERROR_BITS if item.max_error is not None else 0.0) + sum(
        2 * (i.bit_length() + 1) for i in item.where or []
    )
    item.fault = ""
    if item.verdict == UNJUDGED:
        return 0.0
    if cost <= left:
        return cost
    if item.verdict not in ("passed", "partial"):
        item.verdict, item.message = "wrong_value", "another value was expected"
    elif item.message:
        item.message = ""
    item.max_error, item.where, item.place = None, None, ""
    return 0.0


def _rounded(value: float | str | None) -> float | None:
    """Return a number with two digits, of a size between a billionth and a billion."""
    if value is None:
        return None
    number = float(value)
    if number == 0 or not math.isfinite(number):
        return number
    return float(f"{min(max(number, _SMALLEST), _LARGEST):.1e}")


def _limit(item: EvidenceResult) -> float:
    # rounding up must not make a right value look wrong
    return math.inf if item.relative or item.tolerance is None else max(float(item.tolerance), _SMALLEST)


def _digits(text: str) -> float:
    """Return the bits that the numbers in a sentence can carry."""
    return 4.0 * sum(letter.isdigit() for letter in text)


def publish(nb: NotebookNode, result: NotebookResult) -> None:
    """Put each grade cell's report in the place of whatever the student's kernel printed there."""
    by_id = {cell.grade_id: cell for cell in for_student(result).cells}
    for cell in nb.cells:
        found = by_id.get(grade_id(cell))
        if found is not None and not found.manual and cell.cell_type == "code":
            cell.outputs = [new_output("stream", name="stdout", text=cell_report(found))]
            cell.execution_count = None


def verdicts(grading: Grading) -> str:
    """Count the verdicts of a student's graded cells, e.g. ``9 full, 2 wrong, 3 manual``."""
    found = [cell.verdict for notebook in grading.notebooks for cell in notebook.cells]
    order = {"full": 0, "partial": 1, "wrong": 2}
    words = sorted(set(found), key=lambda word: (order.get(word, 3), word))
    return ", ".join(f"{found.count(word)} {word}" for word in words)
