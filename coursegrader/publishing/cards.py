"""What does a page say about each graded cell?

Pure functions from a notebook, the judge's report and the gradebook's scores to plain data that a template draws.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from nbformat import NotebookNode

from coursegrader.course.metadata import (
    earns_points,
    grade_id,
    is_answer,
    is_extra,
    is_grade,
    is_locked,
    is_optional,
    is_solution,
    is_task,
    worth,
)
from coursegrader.grading.gradebook.results import NotebookScores
from coursegrader.judging.report import points, short, tolerance
from coursegrader.model import CellResult, EvidenceResult, NotebookResult

#: What a verdict is called on the page, and the kind that colours it.
WORDS = {
    "full": ("full", "full points"),
    "partial": ("partial", "partly right"),
    "wrong": ("wrong", "not right yet"),
    "no_response": ("none", "not answered"),
    "manual": ("wait", "waiting for a grader"),
}
_GRADIENT = re.compile(r"grad|d\w{0,3}/d", re.IGNORECASE)


@dataclass
class Row:
    """One piece of evidence as a row of a table."""

    name: str
    kind: str
    word: str
    error: str
    tolerance: str
    note: str


@dataclass
class Card:
    """What the page says about one graded cell."""

    grade_id: str
    anchor: str
    title: str
    kind: str
    word: str
    points: str
    max_points: str
    optional: bool
    reasons: list[str] = field(default_factory=list)
    message: str = ""
    hint: str = ""
    claim: str = ""
    unseen: bool = True
    wrong: list[Row] = field(default_factory=list)
    right: list[Row] = field(default_factory=list)
    comment: str = ""
    tests: NotebookNode | None = None
    question: str = ""
    forgeable: bool = False

    @property
    def gist(self) -> str:
        """The one sentence that helps most."""
        measured = not self.reasons and any(row.error for row in self.wrong)  # how far off says more than "not right"
        if self.hint and not measured and not any("did not run" in reason for reason in self.reasons):
            return self.hint.partition("\n")[0]  # what a teacher would say first
        if self.reasons or self.message:
            return (self.reasons or [self.message])[0]
        if not self.wrong:
            return ""
        first, count = self.wrong[0], len(self.wrong) + len(self.right)
        what = f"off by {first.error}" if first.error else first.note or first.word
        if count == 1:
            return f"{first.name}: {what}."
        verb = "is" if len(self.wrong) == 1 else "are"
        return f"{len(self.wrong)} of {count} cases {verb} not right; {first.name}: {what}."


# -- cards ------------------------------------------------------------------------------------------------------------


def make_cards(
    nb: NotebookNode, result: NotebookResult | None, scores: NotebookScores, typed: Iterable[str], claims: dict
) -> dict[str, Card]:
    """Return the cards of the graded cells by grade_id, in the order of the notebook.

    Args:
        nb: The notebook with the student's answers.
        result: What the log says about it, or None.
        scores: What the gradebook says about it.
        typed: Graded cells whose tests only look at values that students typed.
        claims: Claimed and measured accuracy, as far as they are known.
    """
    reports = {cell.grade_id: cell for cell in result.cells} if result else {}
    typed = set(typed)
    cards: dict[str, Card] = {}
    title = ""
    for cell in nb.cells:
        title = heading(cell) or title
        if earns_points(cell):
            report = reports.get(grade_id(cell))
            card = _card(cell, bold_start(cell) or title, report, scores)
            card.unseen = card.grade_id not in typed
            if report is not None and any(item.judge == "accuracy" for item in report.evidence):
                card.claim = claimed(claims)
            if result is not None and result.degraded and card.message == sentence(result.degraded):
                card.message = ""  # the page begins with it
            cards[card.grade_id] = card
    count = Counter(card.title for card in cards.values())
    for card in cards.values():
        if count[card.title] > 1:
            card.title += f": {card.grade_id.removeprefix('test_').replace('_', ' ')}"
    return cards


def look_first(cards: Iterable[Card], most: int = 3) -> list[Card]:
    """Return the cards to look at first: answers that did not run, then wrong ones, then what was left out."""
    order = {"wrong": 1, "partial": 2, "none": 3}
    lost = [card for card in cards if card.kind in order]
    return sorted(lost, key=lambda card: 0 if "did not run" in card.gist else order[card.kind])[:most]


def _card(cell: NotebookNode, title: str, report: CellResult | None, scores: NotebookScores) -> Card:
    name, earned = grade_id(cell), scores.points.get(grade_id(cell))
    kind, word = _verdict(earned, worth(cell), name, report, scores)
    card = Card(
        grade_id=name,
        anchor=f"q-{name}",
        title=title or name,
        kind=kind,
        word=word,
        points="–" if kind == "wait" and not earned else points(earned or 0.0),  # noqa: RUF001 -- a dash, not a minus
        max_points=points(worth(cell)),
        optional=is_optional(cell),
        comment=scores.comments.get(name, ""),
        tests=cell if cell.cell_type == "code" and not is_solution(cell) and cell.source.strip() else None,
    )
    if report is not None and not report.manual:
        card.reasons = [sentence(reason) for reason in report.reasons]
        card.message = "" if kind == "none" else sentence(report.message)  # its word says it already
        card.hint = report.hint or ""
        card.forgeable = report.forgeable
        nothing = report.message and all(item.verdict == "missing" for item in report.evidence)
        rows = [] if nothing or report.verdict == "no_response" else [_row(item) for item in report.evidence]
        card.wrong = [row for row in rows if row.kind != "full"]
        card.right = [row for row in rows if row.kind == "full"]
    return card


def sentence(text: str) -> str:
    """Return text that begins and ends as a sentence does."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}" if text else ""


def _verdict(
    earned: float | None, most: float, grade_id: str, report: CellResult | None, scores: NotebookScores
) -> tuple[str, str]:
    """Return kind and words of a result: the gradebook's points decide, the log says why."""
    if report is not None and report.verdict == "no_response" and not earned:
        return WORDS["no_response"]
    if grade_id in scores.before:
        return "wait", f"changed since it was graded; {points(scores.before[grade_id])} until it is read again"
    if grade_id in scores.waiting:
        return WORDS["manual"]
    if (earned or 0.0) >= most:
        return WORDS["full"]
    if earned:
        return WORDS["partial"]
    if report is not None and report.verdict not in WORDS:
        return "wrong", "stopped"
    return WORDS["wrong"]


def _row(item: EvidenceResult) -> Row:
    kind, word = {"passed": ("full", "right"), "partial": ("partial", "partly right")}.get(
        item.verdict, ("wrong", item.verdict.replace("_", " "))
    )
    notes = [_missing(item) or item.message] if item.message else []
    if item.where and item.verdict == "wrong_value":
        place = f"in {item.place}" if item.place else f"at index {item.where}"
        notes.append(f"{'largest error ' if item.max_error is not None else ''}{place}")
    numbers = item.max_error is not None and not (item.message and item.verdict == "passed")
    return Row(
        name=re.sub(r"^(.{1,80}) \(\1\)$", r"\1", item.name),  # a label that is the name
        kind=kind,
        word=word,
        error=short(item.max_error) if numbers else "",
        tolerance=tolerance(item) if numbers else "",
        note="; ".join(notes),
    )


def _missing(item: EvidenceResult) -> str:
    """Say what it means that None arrived; empty where something else did."""
    if item.verdict != "wrong_type" or not item.message.endswith("got None"):
        return ""
    if _GRADIENT.search(item.name):
        return "the gradient is missing (None): the loss does not depend on this tensor, or it was detached or copied"
    return "None arrived where a value was expected: is a `return` missing?"


def claimed(claims: dict) -> str:
    """Return claimed and measured accuracy with their difference, in words; empty where one of them is unknown."""
    claim, measured = claims.get("claimed_accuracy"), claims.get("measured_accuracy")
    if not isinstance(claim, (int, float)) or not isinstance(measured, (int, float)):
        return ""
    gap = 100 * (claim - measured)
    more = (
        f"{abs(gap):.1f} percentage points {'more' if gap > 0 else 'less'} than measured"
        if abs(gap) >= 0.05
        else "the same"
    )
    return (
        f"Measured when graded: {measured:.1%}. Claimed by your own submission_log.json: {claim:.1%}, {more}. "
        "Only the measured accuracy earns points."
    )


# -- cells ------------------------------------------------------------------------------------------------------------


def cell_kind(cell: NotebookNode) -> str:
    """Return what a cell is: prose, given code, visible tests, or the student's own."""
    if is_answer(cell) or is_extra(cell):
        return "answer"
    if is_grade(cell) and cell.cell_type == "code":
        return "test"
    if cell.cell_type == "code":
        return "given" if is_locked(cell) else "answer"
    return "prose"


def heading(cell: NotebookNode) -> str:
    """Return the first heading in the instructor's own Markdown, as plain text."""
    if cell.cell_type != "markdown" or cell_kind(cell) == "answer":
        return ""
    lines = (line.strip() for line in cell.source.splitlines())
    return next((line.lstrip("#").strip().replace("`", "").replace("*", "") for line in lines if line[:1] == "#"), "")


def bold_start(cell: NotebookNode) -> str:
    """Return the bold words that a written question begins with, as ``**3(e)** When ...``."""
    match = re.match(r"\*\*([^*\n]{1,60})\*\*", cell.source) if is_task(cell) else None
    return match[1].strip().rstrip(".:") if match else ""
