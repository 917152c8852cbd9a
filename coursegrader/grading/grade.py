"""What does one handed-in notebook earn?

:func:`grade` runs it (bytes in, plain data out; it may happen in any process or on any machine),
:func:`assess` judges what came of it (only where the truth files and the reference are), :func:`write_logs` records it.
"""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution, is_task
from traitlets import Enum

from coursegrader.course.cells import Answer, GradedCell
from coursegrader.course.course import Course, Notebook
from coursegrader.engine.execute import RESOURCE, Execute
from coursegrader.errors import IngestError, LogError
from coursegrader.grading import log
from coursegrader.grading.cache import Cache, content_key, environment
from coursegrader.grading.gradebook import Writer
from coursegrader.grading.reference import KnownMistakes, Reference, execution, reference, staged
from coursegrader.intake.repair import FINDINGS, rebuild
from coursegrader.intake.static import flagged_files
from coursegrader.intake.submission import parse, read_regular, source_of
from coursegrader.judging.judge import judge_cell, judge_written
from coursegrader.judging.mistakes import recognise
from coursegrader.judging.reasons import Reasons, find_reasons, words
from coursegrader.judging.report import publish
from coursegrader.model import CellResult, Finding, Grading, NotebookResult, NotebookRun, canonical


@dataclass
class Graded:
    """A finished run with what was repaired on the way; plain data.

    Attributes:
        key: Content address of everything the run depends on.
        run: What came of running the notebook, or None if it could not be read.
        findings: Repairs and flags.
        problem: Why there is no run, in words.
        submission_hash: SHA-256 of the handed-in file.
        seed: Seed of the hidden inputs.
        parts: Short hashes of what the key is made of.
    """

    key: str
    run: NotebookRun | None
    findings: list[Finding] = field(default_factory=list)
    problem: str = ""
    submission_hash: str = ""
    seed: str = ""
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def accidental(self) -> bool:
        """Whether another try may end otherwise although nothing has changed."""
        return self.run is not None and self.run.accidental

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        run = self.run.to_json() if self.run else None
        return {**vars(self), "run": run, "findings": [vars(finding) for finding in self.findings]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Graded:
        """Build from what :meth:`to_json` returned."""
        run = NotebookRun.from_json(data["run"]) if data["run"] else None
        return cls(**{**data, "run": run, "findings": [Finding(**item) for item in data["findings"]]})


def recall(cache: Cache, key: str, accidents: bool = False) -> Graded | None:
    """Return a run that was kept; None if there is none, or if what is there is no run.

    Args:
        cache: Where runs are kept.
        key: Content address.
        accidents: Whether a run may be taken that would perhaps not end like that again.
    """
    data: Any = cache.get(key, accidents)
    try:
        return Graded.from_json(data)
    except (TypeError, KeyError, AttributeError, ValueError):
        return None


def submission_parts(notebook: Notebook, raw: bytes, files: dict[str, bytes], seed: str) -> dict[str, Any]:
    """Return everything that a run depends on; what only judges is not in it."""
    return {
        "answer": hashlib.sha256(raw).hexdigest(),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
        **execution(notebook, seed),
    }


def submission_key(notebook: Notebook, raw: bytes, files: dict[str, bytes], seed: str) -> str:
    """Return the content address of a run: handed-in bytes, instructor's side, seed and environment."""
    return content_key(kind="submission", **submission_parts(notebook, raw, files, seed))


def grade(notebook: Notebook, raw: bytes, files: dict[str, bytes], seed: str) -> Graded:
    """Read, rebuild and run one handed-in notebook.

    Args:
        notebook: The instructor's side.
        raw: The file as handed in.
        files: The submission's side files by relative path.
        seed: Seed of the hidden inputs.

    Raises:
        NoBoxError: Student code cannot be locked up on this machine.
    """
    key, digest = submission_key(notebook, raw, files, seed), hashlib.sha256(raw).hexdigest()
    try:
        cells, findings = parse(raw, f"{notebook.name}.ipynb")
    except IngestError as error:
        return Graded(key, None, problem=str(error), submission_hash=digest, seed=seed)
    nb, more = rebuild(notebook, cells)
    with staged(notebook.assignment, files) as folder:
        run = Execute(config=notebook.assignment.course.config).run(notebook, nb, files=folder, seed=seed)
    parts = {**submission_parts(notebook, raw, files, seed), "environment": environment()}
    short = {name: hashlib.sha256(canonical(part)).hexdigest()[:16] for name, part in parts.items()}
    return Graded(key, run, findings + more + flagged_files(files), submission_hash=digest, seed=seed, parts=short)


def assess(
    notebook: Notebook, graded: Graded, known: Reference, mistakes: KnownMistakes | None = None, hints: str = "full"
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


def stand_in(notebook: Notebook, result: NotebookResult) -> NotebookNode:
    """Return what graders and students see where there is nothing to show: the released notebook without answers."""
    nb = copy.deepcopy(notebook.release)
    for cell in nb.cells:
        if is_solution(cell) or "answers" in cell.metadata.get("coursegrader", {}):
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
        meta = cell.metadata
        if meta.get("nbgrader", {}).get("grade_id") == grade_id and not is_task(cell):
            texts = [cell.source.strip()] if cell.source.strip() not in ("", given[cell.id]) else []
            break
        if meta.get("coursegrader", {}).get("answers") == grade_id:
            inside = True
            if cell.source.strip() not in ("", given[cell.id]):
                texts.append(cell.source.strip())
        elif inside and meta.get("coursegrader", {}).get("extra"):
            texts += [text] if (text := source_of(cell).strip()) else []
        else:
            inside = meta.get("nbgrader", {}).get("grade_id") == grade_id
    return "\n\n".join(texts) if texts else None


def _restore_questions(notebook: Notebook, nb: NotebookNode) -> None:
    """Show mark schemes to graders: task cells in ``autograded/`` are the instructor's own."""
    own = {cell.id: cell.source for cell in notebook.source.cells if is_task(cell)}
    points = {
        cell.id: cell.metadata.nbgrader.get("points")
        for cell in notebook.release.cells
        if is_grade(cell) or is_task(cell)
    }
    for cell in nb.cells:
        cell.source = own.get(cell.id, cell.source)
        if points.get(cell.id) is not None:  # they may have changed since the notebook ran
            cell.metadata.nbgrader["points"] = points[cell.id]


# -- logs -------------------------------------------------------------------------------------------------------------


def log_paths(course: Course, student: str, assignment: str) -> tuple[Path, Path]:
    """Return where the student's and the instructor's view of the log are kept."""
    return (
        course.step("autograded", student, assignment) / log.FILE_NAME,
        course.grading / student / assignment / log.FILE_NAME,
    )


def previous(course: Course, student: str, assignment: str) -> tuple[Grading | None, list[Finding]]:
    """Return the grading recorded before, or None, with a finding if there is one that cannot be trusted."""
    path = log_paths(course, student, assignment)[1]
    if not path.exists():
        return None, []
    try:
        return log.verify(log.read(path), log.signing_key(course.grading), str(path)), []
    except LogError as error:
        return None, [Finding("unusable_log", str(path.relative_to(course.root)), str(error), "it was written anew")]


def write_logs(
    course: Course, grading: Grading, training: dict[str, Any] | None, results: list[NotebookResult]
) -> Grading:
    """Merge new results into the student's log and write both views, signed.

    Args:
        course: The course.
        grading: Who and what: student, assignment, seed, findings; its notebooks are replaced.
        training: What the student's own log claims, or None.
        results: Results of the notebooks graded now; those graded before are kept.
    """
    old, notes = previous(course, grading.student, grading.assignment)
    grading.findings = [*grading.findings, *notes]
    fresh = {result.name: result for result in results}
    kept = [notebook for notebook in (old.notebooks if old else []) if notebook.name not in fresh]
    grading.notebooks = sorted([*kept, *results], key=lambda notebook: notebook.name)
    grading.environment = environment()
    grading.claims = compare_claims(grading, training)
    key = log.signing_key(course.grading)
    student, instructor = log_paths(course, grading.student, grading.assignment)
    log.write(log.instructor_view(grading, training, key), instructor)
    log.write(log.student_view(grading, training, key), student)
    return grading


def compare_claims(grading: Grading, training: dict[str, Any] | None) -> dict[str, Any]:
    """Put the claimed accuracy beside the measured one; the claim never earns anything."""
    claimed = (training or {}).get("claimed_accuracy")
    found: dict[str, Any] = {}
    for notebook in grading.notebooks:
        for cell in notebook.cells:
            for evidence in cell.evidence:
                if evidence.judge == "accuracy" and isinstance(evidence.max_error, float):
                    found["measured_accuracy"] = round(1 - evidence.max_error, 4)
    if isinstance(claimed, (int, float)) and not isinstance(claimed, bool):
        found["claimed_accuracy"] = float(claimed)
        if "measured_accuracy" in found:
            found["difference"] = round(found["claimed_accuracy"] - found["measured_accuracy"], 4)
    return found


class SaveScores(NbGraderPreprocessor):
    """Judge and save inside ``nbgrader autograde``, in the place of nbgrader's SaveAutoGrades."""

    hints = Enum(["off", "category", "full"], "full", help="What students are told of a recognised mistake.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Judge the run that ``Execute`` left, write gradebook, logs and the report into the notebook."""
        names = resources["nbgrader"]
        course = Course(Path.cwd(), self.config)
        assignment = course.assignment(names["assignment"])
        notebook = assignment.notebooks[names["notebook"]]
        run: NotebookRun = resources[RESOURCE]
        run.notebook = nb
        findings = [Finding(**item) for item in nb.metadata.pop(FINDINGS, [])]
        handed_in = course.step("submitted", names["student"], assignment.name)
        raw = read_regular(handed_in / f"{notebook.name}.ipynb", 1 << 30)
        cache = Cache(course.grading / "cache")
        known = reference(notebook, course.seed, cache)
        digest = hashlib.sha256(raw).hexdigest()
        graded = Graded("", run, findings, submission_hash=digest, seed=course.seed)
        result = assess(notebook, graded, known, KnownMistakes(notebook, course.seed, cache), self.hints)
        with Writer(course, assignment.name) as writer:
            writer.save(names["student"], [result], before=previous(course, names["student"], assignment.name)[0])
        training, notes = read_training(handed_in)
        write_logs(course, Grading(names["student"], assignment.name, course.seed, findings=notes), training, [result])
        return nb, resources


def read_training(folder: Path) -> tuple[dict[str, Any] | None, list[Finding]]:
    """Read what the log in a submission folder claims; a useless log is a finding and costs nothing else."""
    path = folder / log.FILE_NAME
    if not path.is_symlink() and not path.exists():
        return None, []
    try:
        training, problem = log.read_claim(read_regular(path, log.MAX_CLAIM_BYTES))
    except IngestError as error:
        training, problem = None, str(error)
    return training, [Finding("unusable_log", log.FILE_NAME, problem)] if problem else []
