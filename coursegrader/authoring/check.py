"""Do the hidden tests tell right from wrong? The autograder graded by its own banks.

Every known mistake must lose exactly the points it should, every right answer in another style must get them all, no
constant may pass as evidence, and a mistake's name must never be given to anything else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from coursegrader.authoring.constants import constant_answers, weakness
from coursegrader.authoring.echoes import computed_alone, echoes, spied
from coursegrader.authoring.mutants.argued import NO_LONGER, apply, read_arguments
from coursegrader.authoring.mutants.told import Share, shares
from coursegrader.authoring.mutants.trial import Budget, Tried, questions, try_all
from coursegrader.course import metadata
from coursegrader.course.banks import bank
from coursegrader.course.cells import Answer
from coursegrader.course.course import Assignment, Notebook
from coursegrader.engine.workers import threads
from coursegrader.grading.cache import Cache
from coursegrader.grading.marking import judge_notebook, unjudged
from coursegrader.grading.reference import KnownMistakes, Reference, reference, run_source
from coursegrader.grading.running import SubmissionRun
from coursegrader.judging.values.comparing import compare
from coursegrader.model import NotebookResult, NotebookRun


@dataclass
class Row:
    """What came of checking one answer or one piece of evidence.

    Attributes:
        notebook: Notebook name.
        cell: Solution cell, or grade cell for constants.
        kind: ``mistake``, ``alternative``, ``constant``, ``evidence``, ``echo``, ``grade cell`` or ``points``.
        name: Which one.
        lost: Grade cells that lost points.
        caught_by: Evidence that was not passed.
        points: Points lost.
        named: Names the losing cells were given.
        problem: What is wrong with the hidden tests, or empty.
        stopped: Whether a visible test of a cell it should lose stops a mistake.
    """

    notebook: str
    cell: str
    kind: str
    name: str
    lost: list[str] = field(default_factory=list)
    caught_by: list[str] = field(default_factory=list)
    points: float = 0.0
    named: list[str] = field(default_factory=list)
    problem: str = ""
    stopped: bool = False


@dataclass
class Proof:
    """On what do the autograded points depend?

    Attributes:
        points: Autograded points.
        seed: Of these, points whose evidence is another one with another seed.
        made: Of the others, points whose evidence only the student's answer could give.
    """

    points: float = 0.0
    seed: float = 0.0
    made: float = 0.0


@dataclass
class Check:
    """All rows with the figures that sum them up."""

    rows: list[Row] = field(default_factory=list)
    proof: Proof = field(default_factory=Proof)
    mutants: list[Tried] = field(default_factory=list)

    @property
    def problems(self) -> list[Row]:
        """Rows that say that the hidden tests are not good enough."""
        return [row for row in self.rows if row.problem]

    @property
    def shares(self) -> list[Share]:
        """What the visible tests stop, by question."""
        mistakes = [(row.notebook, row.cell, row.stopped) for row in self.rows if row.kind == "mistake"]
        return shares(mistakes, self.mutants)

    def summary(self) -> dict[str, Any]:
        """Return counts and shares, plain data."""
        mistakes = [row for row in self.rows if row.kind == "mistake"]
        alternatives = [row for row in self.rows if row.kind == "alternative"]
        right = [row for row in mistakes if row.named and set(row.named) == {row.name}]
        return {
            "mistakes": len(mistakes),
            "mistakes_caught": sum(not row.problem for row in mistakes),
            "mistakes_named": len(right),
            "alternatives": len(alternatives),
            "alternatives_full_marks": sum(not row.problem for row in alternatives),
            "echoes": sum(row.kind == "echo" for row in self.rows),
            "autograded_points": self.proof.points,
            "points_that_depend_on_the_seed": round(self.proof.seed, 2),
            "points_that_depend_on_what_was_made": round(self.proof.made, 2),
            "forgeable": sum(row.kind == "grade cell" for row in self.rows),
            "constants_tried": sum(row.kind in ("constant", "evidence") for row in self.rows),
            "problems": len(self.problems),
            "mutants": dict(Counter(mutant.verdict for mutant in self.mutants)),
        }

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        parts: dict[str, list[Any]] = {"rows": self.rows, "mutants": self.mutants, "visible": self.shares}
        return {"summary": self.summary(), **{name: [asdict(row) for row in rows] for name, rows in parts.items()}}


def check(
    assignment: Assignment,
    seed: str,
    cache: Cache,
    workers: int,
    names: list[str] | None = None,
    mutants: Budget | None = None,
) -> Check:
    """Run both banks and the constants against every grade cell of an assignment.

    Args:
        assignment: The instructor's side.
        seed: Seed of the hidden inputs.
        cache: Where runs are kept.
        workers: How many kernels may run at once.
        names: Notebooks to check; all by default.
        mutants: How many mutants of the reference solutions to try; none by default.

    Raises:
        AuthoringError: A bank file or the reference itself is broken.
    """
    found = Check()
    for name in names or list(assignment.notebooks):
        notebook = assignment.notebooks[name]
        known = reference(notebook, seed, cache)
        mistakes = KnownMistakes(notebook, seed, cache, workers)
        found.rows += [*_unproven_cells(notebook, known), *_points_of_nobody(notebook)]
        found.rows += list(_constant_evidence(notebook, known))
        found.rows += (echoing := list(_echoes(notebook, known, spied(notebook, seed, cache))))
        _prove_points(found.proof, notebook, known, reference(notebook, f"not {seed}", cache), echoing)

        tasks = [(answer, "mistake") for answer in bank(assignment, "mistakes", name)]
        tasks += [(answer, "alternative") for answer in bank(assignment, "alternatives", name)]
        tasks += [(answer, "constant") for answer in constant_answers(notebook)]
        runs = _run_all(notebook, seed, cache, workers, [answer for answer, _ in tasks])
        for (answer, kind), run in zip(tasks, runs, strict=True):
            result = judge_notebook(notebook, SubmissionRun("", run), known, mistakes)
            row = _row(answer, kind, result)
            row.problem = "; ".join(unjudged([result])) or _problem(row, answer)
            row.stopped = any(run.cells[cell].visible != "ok" for cell in answer.loses)
            found.rows.append(row)
    if mutants is not None:
        chosen = names or list(assignment.notebooks)
        asked = [q for name in chosen for q in questions(assignment.notebooks[name], seed, cache)]
        found.mutants = try_all(asked, mutants, workers)
        stale = apply(read_arguments(assignment.folder), found.mutants)
        found.rows += [Row(*argument.place, "argument", argument.why, problem=NO_LONGER) for argument in stale]
    return found


def _run_all(notebook: Notebook, seed: str, cache: Cache, workers: int, answers: list[Answer]) -> list[NotebookRun]:
    """Run the notebook with each answer: all before any is judged, because judging asks for the mistakes' runs, too."""

    def run(answer: Answer) -> NotebookRun:
        return run_source(notebook, seed, cache, {answer.cell: answer.source})

    with threads(workers) as pool:
        return list(pool.map(run, answers))


def _problem(row: Row, answer: Answer) -> str:
    """Say what an answer's result proves against the hidden tests, or return an empty text."""
    if row.kind == "mistake" and set(row.lost) != set(answer.loses):
        return f"loses {', '.join(row.lost) or 'nothing'}, should lose {', '.join(answer.loses)}"
    if row.kind == "alternative" and row.lost:
        return f"is right but loses {', '.join(row.lost)}"
    wrong_names = sorted({name for name in row.named if row.kind != "mistake" or name != answer.slug})
    return f"is called {', '.join(wrong_names)}" if wrong_names else ""


def _row(answer: Answer, kind: str, result: NotebookResult) -> Row:
    losing = [cell for cell in result.cells if not cell.manual and cell.points != cell.max_points]
    return Row(
        answer.notebook,
        answer.cell,
        kind,
        answer.slug,
        lost=[cell.grade_id for cell in losing],
        caught_by=[evidence.name for cell in losing for evidence in cell.evidence if evidence.verdict != "passed"],
        points=sum(cell.max_points - (cell.points or 0.0) for cell in losing),
        named=[cell.mistake for cell in losing if cell.mistake],
    )


def _unproven_cells(notebook: Notebook, known: Reference) -> Iterator[Row]:
    """Report grade cells without evidence: their points can be forged in the kernel, which a course may allow."""
    allowed = notebook.assignment.course.settings.scores.forgeable == "allow"
    for cell in notebook.graded.values():
        if not cell.manual and not known.expected.get(cell.grade_id):
            yield Row(
                notebook.name,
                cell.grade_id,
                "grade cell",
                cell.grade_id,
                problem="" if allowed else "emits no evidence, so it can be forged",
            )


def _points_of_nobody(notebook: Notebook) -> Iterator[Row]:
    """Report points on cells that nbgrader does not grade, and passes over in silence."""
    for cell in notebook.source.cells:
        if metadata.of_nbgrader(cell).get("points") and not metadata.earns_points(cell):
            problem = (
                f"has {metadata.worth(cell):g} points and is not graded, so nobody can earn them; set them on its tests"
            )
            yield Row(notebook.name, metadata.grade_id(cell) or cell.id, "points", "points", problem=problem)


def _echoes(notebook: Notebook, known: Reference, run: NotebookRun) -> Iterator[Row]:
    """Report evidence that the region could emit without the student's answer."""
    for cell in notebook.graded.values():
        if cell.manual:
            continue
        for source in computed_alone(cell):
            problem = "nothing in it was made by the student's code; emit what that returned"
            yield Row(notebook.name, cell.grade_id, "echo", source, problem=problem)
        for name, formula in echoes(known.expected[cell.grade_id], run.cells[cell.grade_id].records).items():
            problem = (
                f"is passed by what the region knows itself: {formula}; emit what the student's code made and judge it"
            )
            yield Row(notebook.name, cell.grade_id, "echo", name, problem=problem)


def _prove_points(proof: Proof, notebook: Notebook, known: Reference, other: Reference, echoing: list[Row]) -> None:
    """Add up the points that nobody can have without the seed or without an answer."""
    for cell in notebook.graded.values():
        if cell.manual:
            continue
        proof.points += cell.points
        expected, again = known.expected[cell.grade_id], {w.name: w for w in other.expected[cell.grade_id]}
        echoed = {row.name for row in echoing if row.cell == cell.grade_id}
        total = sum(want.weight for want in expected)
        if computed_alone(cell):
            continue  # a part of the cell needs no answer, and which part cannot be told from outside
        for want in expected:
            share = cell.points * want.weight / total
            if want.name in echoed:
                continue
            twin = again.get(want.name)
            if twin is None or compare(want.name, want.value, twin.value, 0.0, 0.0).fraction < 1:
                proof.seed += share
            else:
                proof.made += share


def _constant_evidence(notebook: Notebook, known: Reference) -> Iterator[Row]:
    """Try zeros, ones and the cell's other values in the place of each piece of evidence."""
    for grade_id, expected in known.expected.items():
        for want in expected:
            if want.weight <= 0:
                continue
            yield Row(notebook.name, grade_id, "evidence", want.name, problem=weakness(want))
