"""Whose points has a grading changed, and why?"""

from __future__ import annotations

from coursegrader.model import CellResult, Grading, Move, NotebookResult

#: What a changed part of a run's content address means.
_PARTS = {
    "answer": "answer changed",
    "files": "files changed",
    "seed": "seed changed",
    "tests": "test changed",
    "settings": "limits changed",
    "libraries": "libraries changed",
    "environment": "grader changed",
}
#: What a changed term of the evidence means.
_TERMS = {
    "tolerance": "tolerance changed",
    "relative": "tolerance changed",
    "weight": "weight changed",
    "judge": "judge changed",
}
_ENDED = ("full", "partial", "wrong", "no_response", "manual")


def moves(student: str, old: Grading | None, results: list[NotebookResult]) -> list[Move]:
    """Return every autograded cell whose points are others than in the grading before.

    Args:
        student: Student id.
        old: The grading before, or None: then nothing has moved.
        results: The results of now.
    """
    found = []
    for result in results:
        before = old.notebook(result.name) if old else None
        cells = {cell.grade_id: cell for cell in before.cells} if before else {}
        for cell in result.cells:
            then = cells.get(cell.grade_id)
            if before is None or then is None or cell.manual or then.points is None or cell.points is None:
                continue
            if then.points != cell.points:
                reason = _reason(before, result, then, cell)
                found.append(Move(student, result.name, cell.grade_id, then.points, cell.points, reason))
    return found


def _reason(before: NotebookResult, now: NotebookResult, then: CellResult, cell: CellResult) -> str:
    """Say what was another one when these points were given."""
    words = [
        word
        for part, word in _PARTS.items()
        if part in before.parts and part in now.parts and before.parts[part] != now.parts[part]
    ]
    if before.submission_hash != now.submission_hash:
        words.append("answer changed")
    if then.max_points != cell.max_points:
        words.append("points changed")
    words += _terms(then, cell)
    for one, other, word in (
        (then, cell, "ran to its end this time"),
        (cell, then, "did not run to its end this time"),
    ):
        if one.verdict not in _ENDED and other.verdict in _ENDED:
            words.append(word)
    if not words:
        words.append("judge or truth changed" if before.source_hash != now.source_hash else "ran differently")
    return ", ".join(dict.fromkeys(words))


def _terms(then: CellResult, cell: CellResult) -> list[str]:
    old = {evidence.name: evidence for evidence in then.evidence}
    pairs = [(old[evidence.name], evidence) for evidence in cell.evidence if evidence.name in old]
    # how far off is allowed is only known of evidence that could be compared
    return [
        word
        for term, word in _TERMS.items()
        for a, b in pairs
        if getattr(a, term) != getattr(b, term) and None not in (getattr(a, term), getattr(b, term))
    ]


def lowered(found: list[Move]) -> list[Move]:
    """Return the moves that take points from an answer that is still the same."""
    return [
        m for m in found if m.after < m.before and not {"answer changed", "files changed"} & {*m.reason.split(", ")}
    ]


def moves_table(found: list[Move]) -> str:
    """Return one line a move, empty if nothing has moved."""
    return "\n".join(
        f"moved: {move.student}: {move.notebook}, {move.grade_id}: {move.before:g} -> {move.after:g} ({move.reason})"
        for move in found
    )
