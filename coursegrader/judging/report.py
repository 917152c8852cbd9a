"""How did this submission, this class do, in words?"""

from __future__ import annotations

from nbformat import NotebookNode
from nbformat.v4 import new_output

from coursegrader.model import CellResult, EvidenceResult, Grading, NotebookResult, public_name


def points(value: float) -> str:
    """Return points without needless decimals."""
    return f"{value:g}"


def short(value: float | str | None) -> str:
    """Return a measured number with three digits; the log writes nan and inf as text."""
    return "" if value is None else value if isinstance(value, str) else f"{value:.3g}"


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
    place = f" at {result.where}" if result.where and result.verdict == "wrong_value" else ""
    if result.verdict in ("passed", "wrong_value") and result.max_error is not None and not result.message:
        return f"{mark} Max error {name}: {result.max_error}{place} (tolerance {tolerance(result)})"
    return f"{mark} {name}: {result.message or 'as expected'}{place}"


def tolerance(result: EvidenceResult) -> str:
    """Return the tolerance as the instructor stated it; the limit itself would give the expected value away."""
    relative = f" + {result.relative:g} x |expected|" if result.relative else ""
    return short(result.tolerance) + relative


def publish(nb: NotebookNode, result: NotebookResult) -> None:
    """Put each grade cell's report in the place of whatever the student's kernel printed there."""
    by_id = {cell.grade_id: cell for cell in result.cells}
    for cell in nb.cells:
        found = by_id.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        if found is not None and not found.manual and cell.cell_type == "code":
            cell.outputs = [new_output("stream", name="stdout", text=cell_report(found))]
            cell.execution_count = None


def verdicts(grading: Grading) -> str:
    """Count the verdicts of a student's graded cells, e.g. ``9 full, 2 wrong, 3 manual``."""
    found = [cell.verdict for notebook in grading.notebooks for cell in notebook.cells]
    order = {"full": 0, "partial": 1, "wrong": 2}
    words = sorted(set(found), key=lambda word: (order.get(word, 3), word))
    return ", ".join(f"{found.count(word)} {word}" for word in words)
