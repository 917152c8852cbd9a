"""What does a run earn? Only told where the truth files and the reference are."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable

from nbformat import NotebookNode

from coursegrader.course import metadata
from coursegrader.course.cells import Answer, GradedCell
from coursegrader.course.course import Notebook
from coursegrader.grading.reference import KnownMistakes, Reference
from coursegrader.grading.running import SubmissionRun
from coursegrader.intake.reading.cells import source_of
from coursegrader.judging.judge import judge_cell, judge_written
from coursegrader.judging.mistakes import recognise
from coursegrader.judging.reasons import Reasons, find_reasons, words
from coursegrader.judging.report import publish
from coursegrader.model import UNJUDGED, CellResult, Finding, NotebookResult, canonical


def judge_notebook(
    notebook: Notebook,
    graded: SubmissionRun,
    known: Reference,
    mistakes: KnownMistakes | None = None,
    hints: str = "full",
) -> NotebookResult:
    """Judge a finished run against the reference and return what the notebook earned.

    Args:
        notebook: The instructor's side.
        graded: The run; its executed notebook gets the reports as outputs of its grade cells.
        known: The reference's evidence.
        mistakes: Known mistakes that may be named, or None.
        hints: What a student is told of a recognised mistake: ``off``, ``category`` or ``full``.
    """
    result = NotebookResult(
        notebook.name,
        key=graded.key,
        submission_hash=graded.submission_hash,
        seed=graded.seed,
        source_hash=notebook.digest,
        findings=graded.findings,
        parts=graded.parts,
    )
    if graded.run is None:
        return missing(notebook, graded.problem, result)
    run, truth = graded.run, notebook.assignment.folder
    result.rung, result.seconds = run.rung, run.seconds
    reasons, names = find_reasons(notebook, run.notebook, run.others), words(notebook)
    for cell in notebook.graded.values():
        if cell.manual:
            result.cells.append(_written(notebook, run.notebook, cell))
        else:
            own, expected = run.cells[cell.grade_id], known.expected[cell.grade_id]
            entry = judge_cell(cell, own, expected, truth, names)
            why = reasons.get(cell.grade_id, Reasons())
            if why.blank and not entry.points:
                entry.verdict, entry.message = "no_response", "not answered: the answer is as it was released"
            elif entry.verdict != "full":
                entry.reasons = why.sentences
                if mistakes is not None:
                    _name_mistake(entry, recognise(entry, own.records, expected, mistakes.losing), hints)
            result.cells.append(entry)
    result.findings = graded.findings + [
        Finding(
            "cell_stopped",
            f"{notebook.name}.ipynb, {cell_id}",
            f"the cell ended with {verdict}",
            "later cells run without it",
        )
        for cell_id, verdict in run.others.items()
    ]
    result.findings += [
        Finding("judge_failed", f"{notebook.name}.ipynb, {cell.grade_id}", item.fault, "this case earned nothing")
        for cell in result.cells
        for item in cell.evidence
        if item.verdict == UNJUDGED
    ]
    _restore_questions(notebook, run.notebook)
    publish(run.notebook, result)
    return result


def _written(notebook: Notebook, nb: NotebookNode, cell: GradedCell) -> CellResult:
    """Return the result of a written question; the digest tells later whether the answer is still the same."""
    text = written_answer(notebook, nb, cell.grade_id)
    result = judge_written(cell, text is not None)
    result.answer = hashlib.sha256((text or "").encode("utf-8", "replace")).hexdigest()[:32]
    return result


def _name_mistake(entry: CellResult, mistake: Answer | None, hints: str) -> None:
    if mistake is not None:
        entry.mistake = mistake.slug
        entry.category = mistake.category if hints != "off" else None
        entry.hint = mistake.text if hints == "full" else None


def missing(notebook: Notebook, reason: str, result: NotebookResult | None = None) -> NotebookResult:
    """Return the result of a notebook that was not handed in or cannot be read: 0 points, the reason in words."""
    result = result or NotebookResult(notebook.name, source_hash=notebook.digest)
    result.degraded = reason
    for cell in notebook.graded.values():
        entry = judge_written(cell, answered=False)
        entry.manual, entry.verdict, entry.message = cell.manual, "no_response", reason
        result.cells.append(entry)
    return result


def unjudged(results: Iterable[NotebookResult]) -> list[str]:
    """Return which cells a judge of the course's own failed on, and why, in words."""
    cells = [cell for result in results for cell in result.cells]
    faults = {item.fault: cell.grade_id for cell in cells for item in cell.evidence if item.verdict == UNJUDGED}
    return [f"{grade_id} could not be judged ({fault})" for fault, grade_id in faults.items()]


def judged_by(nameable: list[str], hints: str) -> str:
    """Return a short hash of what decides, besides a notebook's source and a run, what is said about it."""
    return hashlib.sha256(canonical([hints, nameable])).hexdigest()[:16]


def as_good(mistakes: KnownMistakes, hints: str) -> set[str]:
    """Return what a result may have been judged by to need no better judging: what is known now, or the whole bank."""
    return {judged_by(names, hints) for names in (mistakes.nameable, mistakes.every)}


def stand_in(notebook: Notebook, result: NotebookResult) -> NotebookNode:
    """Return what graders and students see where there is nothing to show: the released notebook without answers."""
    nb = copy.deepcopy(notebook.release)
    for cell in nb.cells:
        if metadata.is_answer(cell):
            cell.source = ""
    _restore_questions(notebook, nb)
    publish(nb, result)
    return nb


def written_answer(notebook: Notebook, rebuilt: NotebookNode, grade_id: str) -> str | None:
    """Return what was written for a question, in its own cell or in cells added behind it; None if nothing was."""
    given = {cell.id: cell.source.strip() for cell in notebook.release.cells}
    texts: list[str] = []
    inside = False
    for cell in rebuilt.cells:
        if metadata.grade_id(cell) == grade_id and not metadata.is_task(cell):
            texts = [cell.source.strip()] if cell.source.strip() not in ("", given[cell.id]) else []
            break
        if metadata.answers(cell) == grade_id:
            inside = True
            if cell.source.strip() not in ("", given[cell.id]):
                texts.append(cell.source.strip())
        elif inside and metadata.is_extra(cell):
            texts += [text] if (text := source_of(cell).strip()) else []
        else:
            inside = metadata.grade_id(cell) == grade_id
    return "\n\n".join(texts) if texts else None


def _restore_questions(notebook: Notebook, nb: NotebookNode) -> None:
    """Show mark schemes to graders: task cells in ``autograded/`` are the instructor's own."""
    own = {cell.id: cell.source for cell in notebook.source.cells if metadata.is_task(cell)}
    points = {
        cell.id: metadata.of_nbgrader(cell).get("points")
        for cell in notebook.release.cells
        if metadata.earns_points(cell)
    }
    for cell in nb.cells:
        cell.source = own.get(cell.id, cell.source)
        if points.get(cell.id) is not None:  # they may have changed since the notebook ran
            metadata.of_nbgrader(cell)["points"] = points[cell.id]
