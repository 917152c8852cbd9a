"""What does a student read about one notebook?

:class:`Feedback` decides what may be on the page, :class:`FeedbackPage` draws it; both run inside
``nbgrader generate_feedback``. Points come from the gradebook, everything else from the student's view of the log.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ClearMarkScheme, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution, is_task
from traitlets import default

from coursegrader import log
from coursegrader.course import Course, split_hidden
from coursegrader.errors import AuthoringError, LogError
from coursegrader.log import CellResult, EvidenceResult, Grading, NotebookResult
from coursegrader.prose import code_to_html, to_html
from coursegrader.report import points, short, tolerance
from coursegrader.results import NotebookScores, notebook_scores

TEMPLATES = Path(__file__).parent / "templates"
PAGE = "coursegrader_page"
#: What a verdict is called on the page, and the kind that colours it.
WORDS = {
    "full": ("full", "full points"),
    "partial": ("partial", "partly right"),
    "wrong": ("wrong", "not right yet"),
    "no_response": ("none", "no answer"),
    "manual": ("wait", "waiting for a grader"),
}


@dataclass
class Row:
    """One piece of evidence as a row of the table."""

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
    message: str = ""
    hint: str = ""
    evidence: list[Row] = field(default_factory=list)


class Feedback(NbGraderPreprocessor):
    """Keep on a feedback page the judge's report and the student's own cells, nothing else."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Return the notebook without hidden text and kernel outputs; put what the page says into the resources."""
        names = resources["nbgrader"]
        nb, resources = self._without_secrets(nb, resources)
        grading, problem = _student_log(Course(Path.cwd(), self.config), names["student"], names["assignment"])
        result = grading.notebook(names["notebook"]) if grading else None
        gradebook = Gradebook(names["db_url"])
        try:
            scores = notebook_scores(gradebook, names["assignment"], names["notebook"], names["student"])
        finally:
            gradebook.close()
            gradebook.engine.dispose()
        title = _take_title(nb) or names["notebook"]
        cards = _describe_cells(nb, result, scores)
        findings = (result.findings if result else []) + (grading.findings if grading else [])
        resources["coursegrader"] = {
            **names,
            **_totals(nb, scores),
            "title": title,
            "cards": cards,
            "next": next((card for card in cards if card.kind in ("wrong", "partial", "none")), None),
            "findings": findings,
            "problems": _problems(grading, names["notebook"]) or [problem],
            "css": (TEMPLATES / "page.css").read_text("utf-8") + (TEMPLATES / "feedback.css").read_text("utf-8"),
        }
        return nb, resources

    def _without_secrets(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        mark_schemes = ClearMarkScheme(parent=self)
        for index, cell in enumerate(nb.cells):
            if is_task(cell):  # only there: a student may have typed the marker, and it is the student's to see
                nb.cells[index], resources = mark_schemes.preprocess_cell(cell, resources, index)
            if cell.cell_type == "code":
                cell.outputs = []
                if is_grade(cell) and not is_solution(cell):
                    cell.source = _visible(cell.source)
        return nb, resources


class FeedbackPage(TemplateExporter):
    """nbconvert's exporter with the course's own template, in which nothing of a student's can run."""

    export_from_notebook = "Feedback"
    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "coursegrader_feedback"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(TEMPLATES)]

    def default_filters(self) -> Any:
        """Yield nbconvert's filters, with our Markdown and code in the place of its own."""
        yield from super().default_filters()
        yield "markdown2html", to_html
        yield "highlight_code", code_to_html


# -- what the page says -----------------------------------------------------------------------------------------------


def _student_log(course: Course, student: str, assignment: str) -> tuple[Grading | None, str]:
    """Read the student's view of the log; without one the page still has the points."""
    path = course.step("autograded", student, assignment) / log.FILE_NAME
    try:
        return log.verify(log.read(path), log.signing_key(course.grading), str(path)), ""
    except LogError:
        return None, "The detailed report is missing; ask your instructor to grade this notebook again."


def _problems(grading: Grading | None, name: str) -> list[str]:
    """Return what a student must know first: why this notebook, or another one, could not be graded as it should."""
    degraded = [notebook for notebook in (grading.notebooks if grading else []) if notebook.degraded]
    return [
        _sentence(notebook.degraded) if notebook.name == name else f"{notebook.name}: {notebook.degraded}."
        for notebook in degraded
    ]


def _visible(source: str) -> str:
    """Return what students may see of a grade cell: nothing at all where the markers do not match."""
    try:
        return split_hidden(source)[0].strip("\n")
    except AuthoringError:
        return ""


def _take_title(nb: NotebookNode) -> str:
    """Take the notebook's title out of its first Markdown cell: the page has it at its top."""
    for cell in nb.cells:
        title = _heading(cell)
        if title:
            lines = cell.source.splitlines()
            lines.remove(next(line for line in lines if line.strip()[:1] == "#"))
            cell.source = "\n".join(lines)
            return title
    return ""


def _heading(cell: NotebookNode) -> str:
    """Return the first heading in the instructor's own Markdown, as plain text."""
    if cell.cell_type != "markdown" or _is_students(cell):
        return ""
    lines = (line.strip() for line in cell.source.splitlines())
    return next((line.lstrip("#").strip().replace("`", "").replace("*", "") for line in lines if line[:1] == "#"), "")


def _bold_start(cell: NotebookNode) -> str:
    """Return the bold words that a written question begins with, as ``**3(e)** When ...``."""
    match = re.match(r"\*\*([^*\n]{1,60})\*\*", cell.source) if is_task(cell) else None
    return match[1].strip().rstrip(".:") if match else ""


def _is_students(cell: NotebookNode) -> bool:
    own = cell.metadata.get("coursegrader", {})
    return bool(is_solution(cell) or "answers" in own or own.get("extra"))


def _totals(nb: NotebookNode, scores: NotebookScores) -> dict[str, Any]:
    """Add up the page's points: the bonus stands on top of the required maximum."""
    graded = [cell for cell in nb.cells if is_grade(cell) or is_task(cell)]
    required = sum(cell.metadata.nbgrader.points for cell in graded if not _optional(cell))
    bonus_max = sum(cell.metadata.nbgrader.points for cell in graded if _optional(cell))
    earned = {cell.metadata.nbgrader.grade_id: scores.points.get(cell.metadata.nbgrader.grade_id) for cell in graded}
    bonus = sum(earned[cell.metadata.nbgrader.grade_id] or 0.0 for cell in graded if _optional(cell))
    total = max(0.0, sum(value or 0.0 for value in earned.values()) - scores.penalty)
    return {
        "points": points(total),
        "max_points": points(required),
        "bonus": points(bonus),
        "bonus_max": points(bonus_max) if bonus_max else "",
        "penalty": points(scores.penalty) if scores.penalty else "",
        "waiting": len(scores.waiting),
    }


def _optional(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("coursegrader", {}).get("optional"))


def _describe_cells(nb: NotebookNode, result: NotebookResult | None, scores: NotebookScores) -> list[Card]:
    """Note in every cell how it is shown, and return the cards of the graded ones in their order."""
    reports = {cell.grade_id: cell for cell in result.cells} if result else {}
    cards: list[Card] = []
    title = ""
    for cell in nb.cells:
        title = _heading(cell) or title
        own_title = _bold_start(cell) or title
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        card = None
        if is_grade(cell) or is_task(cell):
            card = _card(cell, own_title, reports.get(grade_id), scores)
            cards.append(card)
        cell.metadata[PAGE] = {
            "kind": _kind(cell),
            "lines": len(cell.source.splitlines()),
            "label": _label(cell),
            "card": card,
            "comment": scores.comments.get(grade_id, ""),
        }
    count = Counter(card.title for card in cards)
    for card in cards:
        if count[card.title] > 1:
            card.title += f": {card.grade_id.removeprefix('test_').replace('_', ' ')}"
    return cards


def _kind(cell: NotebookNode) -> str:
    """Return how a cell is shown: prose, given code, visible tests, or the student's own."""
    if is_solution(cell) or "answers" in cell.metadata.get("coursegrader", {}):
        return "answer"
    if is_grade(cell) and cell.cell_type == "code":
        return "test"
    if cell.cell_type == "code":
        return "given" if is_locked(cell) else "answer"
    return "answer" if cell.metadata.get("coursegrader", {}).get("extra") else "prose"


def _label(cell: NotebookNode) -> str:
    """Return what a student's cell is called, so that a finding about it can be found."""
    if is_solution(cell) or "answers" in cell.metadata.get("coursegrader", {}):
        return "Your answer"
    return f"Your own cell ({cell.id})" if cell.metadata.get("coursegrader", {}).get("extra") else "Your cell"


def _card(cell: NotebookNode, title: str, report: CellResult | None, scores: NotebookScores) -> Card:
    meta = cell.metadata.nbgrader
    earned = scores.points.get(meta.grade_id)
    kind, word = _verdict(earned, float(meta.points), meta.grade_id in scores.waiting, report)
    card = Card(
        grade_id=meta.grade_id,
        anchor=f"q-{meta.grade_id}",
        title=title or meta.grade_id,
        kind=kind,
        word=word,
        points="–" if kind == "wait" and not earned else points(earned or 0.0),  # noqa: RUF001 -- a dash, not a minus
        max_points=points(meta.points),
        optional=_optional(cell),
    )
    if report is not None and not report.manual:
        card.message, card.hint = _sentence(report.message), report.hint or ""
        nothing = report.message and all(item.verdict == "missing" for item in report.evidence)
        card.evidence = [] if nothing else [_row(item) for item in report.evidence]
    return card


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _verdict(earned: float | None, most: float, waiting: bool, report: CellResult | None) -> tuple[str, str]:
    """Return kind and words of a result: the gradebook's points decide, the log says why."""
    if report is not None and report.verdict == "no_response" and not earned:
        return WORDS["no_response"]
    if waiting:
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
    notes = [item.message] if item.message else []
    if item.where and item.verdict == "wrong_value":
        notes.append(f"{'largest error ' if item.max_error is not None else ''}at index {item.where}")
    numbers = item.max_error is not None and not (item.message and item.verdict == "passed")
    return Row(
        name=item.name,
        kind=kind,
        word=word,
        error=short(item.max_error) if numbers else "",
        tolerance=tolerance(item) if numbers else "",
        note="; ".join(notes),
    )
