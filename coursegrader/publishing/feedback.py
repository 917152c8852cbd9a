"""What does a student read about one notebook?

:class:`Feedback` decides what may be on the page, :class:`FeedbackPage` draws it; both run inside
``nbgrader generate_feedback``. Points come from the gradebook, everything else from the student's view of the log.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearMarkScheme, NbGraderPreprocessor
from traitlets import default

from coursegrader.course.course import Assignment, Course
from coursegrader.course.markers import Markers, split_hidden
from coursegrader.course.metadata import earns_points, grade_id, is_grade, is_optional, is_solution, is_task, worth
from coursegrader.course.region import asks_for_a_value
from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.errors import AuthoringError, CourseGraderError, LogError
from coursegrader.grading.gradebook.converters import alone
from coursegrader.grading.gradebook.results import NotebookScores
from coursegrader.grading.gradebook.scores import notebook_scores, student_result
from coursegrader.grading.logs import log
from coursegrader.grading.logs.attempts import told
from coursegrader.judging.report import points
from coursegrader.model import Grading
from coursegrader.publishing import overview
from coursegrader.publishing.blocks import blocks
from coursegrader.publishing.cards import heading, look_first, make_cards
from coursegrader.publishing.prose import code_to_html, to_html

TEMPLATES = Path(__file__).parent / "templates"
#: The instructor's side as it was read last: a whole class needs the same.
_KNOWN: dict[tuple[Path, str, tuple[int, ...]], Assignment] = {}


class Feedback(NbGraderPreprocessor):
    """Keep on a feedback page the judge's report and the student's own cells, nothing else."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Return the notebook without hidden text and kernel outputs; put what the page says into the resources."""
        names = resources["nbgrader"]
        nb, resources = self._without_secrets(nb, resources)
        course = Course(Path.cwd(), self.config)
        grading, problem = _student_log(course, names["student"], names["assignment"])
        result = grading.notebook(names["notebook"]) if grading else None
        assignment = _assignment(course, names["assignment"])
        with open_gradebook(course.directory) as gradebook:
            scores = notebook_scores(gradebook, names["assignment"], names["notebook"], names["student"])
            if assignment is not None and names["notebook"] == list(assignment.notebooks)[-1]:
                overview.write(course, student_result(gradebook, assignment, names["student"], grading))
        title = _take_title(nb) or names["notebook"]
        typed = _typed(assignment, names["notebook"])
        cards = make_cards(nb, result, scores, typed, grading.claims if grading else {})
        findings = (result.findings if result else []) + (grading.findings if grading else [])
        damaged = bool(result and result.degraded)
        resources["coursegrader"] = {
            **names,
            **_totals(nb, scores),
            "title": title,
            "cards": list(cards.values()),
            "blocks": [] if damaged else blocks(nb, cards),
            "first": [] if damaged else look_first(cards.values()),
            "blank": bool(cards) and all(card.kind == "none" for card in cards.values()) and not damaged,
            "findings": [replace(finding, detail=_plain(finding.detail)) for finding in findings],
            "problems": [told(course, grading).notice, *(_problems(grading, names["notebook"]) or [problem])],
            "damaged": damaged,
            "css": (TEMPLATES / "page.css").read_text("utf-8") + (TEMPLATES / "feedback.css").read_text("utf-8"),
        }
        return nb, resources

    def _without_secrets(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        mark_schemes, markers = ClearMarkScheme(parent=self), Markers.of(self.config)
        for index, cell in enumerate(nb.cells):
            if is_task(cell):  # only there: a student may have typed the marker, and it is the student's to see
                nb.cells[index], resources = mark_schemes.preprocess_cell(cell, resources, index)
            if cell.cell_type == "code":
                cell.outputs = []
                if is_grade(cell) and not is_solution(cell):
                    cell.source = _visible(cell.source, markers)
        return nb, resources


class FeedbackPage(TemplateExporter):
    """nbconvert's exporter with the course's own template, in which nothing of a student's can run."""

    export_from_notebook = "Feedback"
    output_mimetype = "text/html"

    def __init__(self, **kwargs: Any) -> None:
        """Have the converter hold the lock."""
        super().__init__(**kwargs)
        alone(self.parent, "nbgrader generate_feedback")

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
        yield "markdown2html", lambda text: _focusable(to_html(text))
        yield "highlight_code", lambda source: _focusable(code_to_html(source))
        yield "coded", _coded


def _focusable(clean: str) -> str:
    """Let the keyboard reach what may scroll; in clean HTML these words stand in tags only."""
    return re.sub(r'<(pre|math(?=[^>]* display="block"))', r'<\1 tabindex="0"', clean)


def _coded(text: str) -> str:
    """Return plain text as HTML, with what stands between backticks as code."""
    parts = html.escape(text).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


# -- what the page says -----------------------------------------------------------------------------------------------


def _student_log(course: Course, student: str, assignment: str) -> tuple[Grading | None, str]:
    """Read the student's view of the log; without one the page still has the points."""
    path = course.step("autograded", student, assignment) / log.FILE_NAME
    try:
        return log.verify(log.read(path), log.signing_key(course.grading), str(path)), ""
    except LogError:
        return None, "The detailed report is missing; ask your instructor to grade this notebook again."


def _assignment(course: Course, name: str) -> Assignment | None:
    """Return the instructor's side, read once for a whole class; None where it cannot be read."""
    try:
        assignment = course.assignment(name)
        stamps = tuple(path.stat().st_mtime_ns for path in sorted(assignment.folder.glob("*.ipynb")))
        key = (course.root, name, stamps)
        if key not in _KNOWN:
            _KNOWN.clear()
            _KNOWN[key] = assignment
        return _KNOWN[key] if _KNOWN[key].notebooks else None
    except CourseGraderError:
        return None


def _problems(grading: Grading | None, name: str) -> list[str]:
    """Return what a student must know first: why this notebook, or another one, could not be graded as it should."""
    degraded = [notebook for notebook in (grading.notebooks if grading else []) if notebook.degraded]
    return [
        f"{notebook.degraded}." if notebook.name == name else f"{notebook.name}: {notebook.degraded}."
        for notebook in degraded
    ]


def _typed(assignment: Assignment | None, notebook: str) -> list[str]:
    """Return the graded cells whose hidden tests only look at values that students typed: no input is unseen there."""
    known = assignment.notebooks.get(notebook) if assignment else None
    return [cell.grade_id for cell in known.graded.values() if asks_for_a_value(cell.hidden or "")] if known else []


def _plain(detail: str) -> str:
    """Return what was found without the words that only the log needs."""
    return detail.replace("ended with kernel_died:", "ended the whole Python process: ").replace(
        "ended with timeout", "ran too long and was stopped"
    )


def _visible(source: str, markers: Markers) -> str:
    """Return what students may see of a grade cell: nothing at all where the markers do not match."""
    try:
        return split_hidden(source, markers=markers)[0].strip("\n")
    except AuthoringError:
        return ""


def _take_title(nb: NotebookNode) -> str:
    """Take the notebook's title out of its first Markdown cell: the page has it at its top."""
    for cell in nb.cells:
        title = heading(cell)
        if title:
            lines = cell.source.splitlines()
            lines.remove(next(line for line in lines if line.strip()[:1] == "#"))
            cell.source = "\n".join(lines)
            return title
    return ""


def _totals(nb: NotebookNode, scores: NotebookScores) -> dict[str, Any]:
    """Add up the page's points: the bonus stands on top of the required maximum."""
    graded = [cell for cell in nb.cells if earns_points(cell)]
    required = sum(worth(cell) for cell in graded if not is_optional(cell))
    bonus_max = sum(worth(cell) for cell in graded if is_optional(cell))
    earned = {grade_id(cell): scores.points.get(grade_id(cell)) for cell in graded}
    bonus = sum(earned[grade_id(cell)] or 0.0 for cell in graded if is_optional(cell))
    total = max(0.0, sum(value or 0.0 for value in earned.values()) - scores.penalty)
    return {
        "points": points(total),
        "max_points": points(required),
        "bonus": points(bonus),
        "bonus_max": points(bonus_max) if bonus_max else "",
        "penalty": points(scores.penalty) if scores.penalty else "",
        "waiting": len(scores.waiting),
    }
