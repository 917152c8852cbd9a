"""Run a course notebook inside the test process, swap answers in, and judge what its hidden regions emit.

The real codec and the real judge are used; only the kernel is left out, so that hundreds of answers can be tried
in seconds.  ``execute_in_fresh_kernel`` runs the same notebook as a student's JupyterLab does.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import matplotlib
import nbformat
import torch
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

from coursegrader.box.inside import chance
from coursegrader.course import banks, metadata
from coursegrader.course.cells import Answer
from coursegrader.course.course import Assignment, Course
from coursegrader.course.markers import split_hidden
from coursegrader.evidence import MIME, REFERENCE_VARIABLE, SEED_VARIABLE
from coursegrader.judging.judge import earned, judge
from coursegrader.judging.judges.builtin import JUDGES, Expectation
from coursegrader.judging.judges.expectations import expectations
from coursegrader.judging.judges.own import load as own_judges
from coursegrader.judging.values.comparing import compare
from coursegrader.judging.values.decoding import decode

matplotlib.use("Agg")
torch.set_num_threads(1)

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "source" / "rnn"
SEEDS = ("20260101", "another seed")
#: What a lazy or hostile answer might return whatever it is asked.
CONSTANTS = ("None", "True", "0.0", "1.0", "math.nan", "(1.0,) * 5", "[[0.0] * 3] * 3", "args[0]", "args[-1]")


def load(name: str) -> NotebookNode:
    """Read one instructor notebook."""
    return nbformat.read(SOURCE / f"{name}.ipynb", as_version=4)


def cell_ids(notebook: NotebookNode, **wanted: bool) -> list[str]:
    """List the grade_ids of the cells whose nbgrader metadata has the given values."""
    marked = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    return [meta.grade_id for meta in marked if all(meta[key] == value for key, value in wanted.items())]


# -- the banks ---------------------------------------------------------------------------------------------------------


@cache
def assignment() -> Assignment:
    """Return the homework as the package reads it."""
    return Course.open(ROOT).assignment(SOURCE.name)


def bank(kind: str, name: str) -> list[Answer]:
    """Read all ``mistakes`` or ``alternatives`` of a notebook, sorted by path."""
    return banks.bank(assignment(), kind, name)


# -- running -----------------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """What one run of a notebook left behind, by cell id."""

    evidence: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def run(notebook: NotebookNode, replace: dict[str, str] | None = None, seed: str = SEEDS[0]) -> Run:
    """Run all code cells as the grader does, hidden regions on their own; keep evidence and errors.

    Args:
        notebook: An instructor notebook.
        replace: New sources of cells, by cell id.
        seed: The grading seed.
    """
    result, names = Run(), {"__name__": "__main__"}
    settings = {SEED_VARIABLE: seed, REFERENCE_VARIABLE: "1", "NBGRADER_EXECUTION": "autograde"}
    with patch.dict(os.environ, settings):
        chance.begin()
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            visible, hidden = split_hidden((replace or {}).get(cell.id, cell.source))
            _execute(visible, names, cell.id, result)
            if hidden is not None:
                with chance.apart():
                    result.evidence[cell.id] = _execute(hidden, names, f"{cell.id} (hidden)", result)
    return result


def _execute(source: str, names: dict[str, Any], place: str, result: Run) -> list[dict[str, Any]]:
    """Run one source in a namespace; return the evidence it emits, note the error it raises."""
    records: list[dict[str, Any]] = []
    listen = patch("IPython.display.publish_display_data", lambda data: records.append(data[MIME]))
    with listen, contextlib.redirect_stdout(io.StringIO()), _kernel_warnings():
        try:
            exec(compile(source, place, "exec"), names)
        except Exception as error:  # whatever an answer raises is a result here, and kept
            result.errors[place] = f"{type(error).__name__}: {error}"
    return records


@contextlib.contextmanager
def _kernel_warnings() -> Iterator[None]:
    """Let warnings be warnings: pytest turns them into errors, a kernel does not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def lay_out(folder: Path) -> None:
    """Put into a folder what lies beside a notebook when it is graded: hidden inputs and what the reference hands in."""
    shutil.copytree(SOURCE / "hidden", folder / "hidden")
    for file in (SOURCE / "reference").iterdir():
        shutil.copy(file, folder)


@contextlib.contextmanager
def beside() -> Iterator[None]:
    """Stand beside what is laid out, in a folder that nobody else changes, for as long as a block lasts."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder))
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


@cache
def reference(name: str, seed: str = SEEDS[0]) -> Run:
    """Run an instructor notebook unchanged, with what belongs beside it, wherever the first test that asks stands."""
    with beside():
        return run(load(name), seed=seed)


def expected(name: str, seed: str = SEEDS[0]) -> dict[str, list[Expectation]]:
    """Return what the reference's evidence asks for, by grade cell."""
    judges = own_judges(SOURCE, JUDGES)
    return {place: expectations(records, place, judges) for place, records in reference(name, seed).evidence.items()}


def shares(name: str, student: Run, seed: str = SEEDS[0]) -> dict[str, float]:
    """Judge a run against the reference; return the share of the points earned by each grade cell that was run."""
    return {
        place: earned(judge(wanted, student.evidence[place], SOURCE), 1.0)
        for place, wanted in expected(name, seed).items()
        if place in student.evidence
    }


def shares_with(name: str, grade_id: str, source: str, seed: str = SEEDS[0]) -> dict[str, float]:
    """Judge a notebook in which one solution cell is replaced."""
    return shares(name, run(load(name), {grade_id: source}, seed), seed)


def blank(name: str) -> NotebookNode:
    """Return the notebook as a student who does nothing would hand it in, hidden regions kept."""
    notebook, _ = ClearSolutions().preprocess(load(name), {})
    return notebook


def released_text(name: str) -> str:
    """Return all text of the notebook that students get."""
    notebook = load(name)
    for step in (ClearSolutions, ClearHiddenTests, ClearMarkScheme):
        notebook, _ = step().preprocess(notebook, {})
    return "\n".join(cell.source for cell in notebook.cells)


# -- checks every notebook must pass -----------------------------------------------------------------------------------


def execute_in_fresh_kernel(name: str, notebook: NotebookNode | None = None) -> NotebookNode:
    """Run a notebook, figures and training included, in a kernel of its own; raise if a cell does."""
    notebook = notebook or load(name)
    with patch.dict(os.environ, {"OMP_NUM_THREADS": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}):
        os.environ.pop("NBGRADER_EXECUTION", None)
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return notebook


def assert_canonical(name: str) -> None:
    """Assert that a notebook's file is what nbformat writes, with the metadata the course allows and no outputs."""
    path = SOURCE / f"{name}.ipynb"
    notebook = load(name)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert path.read_text("utf-8") == nbformat.writes(notebook) + "\n", "write it with nbformat.write"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for cell, after in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        assert set(cell.metadata) <= {"nbgrader", "coursegrader", "jupyter", "cellView"}, cell.id
        _assert_folded_everywhere_or_nowhere(cell)
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell.id)
        assert not re.fullmatch(r"[0-9a-f]{8}", cell.id), f"{cell.id} looks like a random id, not a readable one"
        assert cell.cell_type == "markdown" or (cell.outputs == [] and cell.execution_count is None), cell.id
        meta = cell.metadata.get("nbgrader")
        if meta is None:
            continue
        assert meta.grade_id == cell.id
        assert ("points" in meta) == (meta.grade or meta.task), cell.id
        assert not meta.task or after.metadata == {"coursegrader": {"answers": cell.id}}, (
            f"{cell.id} needs an answer cell"
        )
        assert not meta.task or "### BEGIN MARK SCHEME" in cell.source, f"{cell.id} needs a mark scheme"
        assert not meta.grade or split_hidden(cell.source)[1], f"{cell.id} needs a hidden region"
        assert not meta.solution or "### BEGIN SOLUTION" in cell.source, cell.id


def _assert_folded_everywhere_or_nowhere(cell: NotebookNode) -> None:
    """Assert that a folded cell is folded in JupyterLab, VS Code and Colab alike, and has a title to unfold it by."""
    if "jupyter" in cell.metadata or "cellView" in cell.metadata:
        assert cell.metadata.get("jupyter") == {"source_hidden": True}, cell.id
        assert cell.metadata.get("cellView") == "form", cell.id
        assert cell.source.startswith("#@title "), f"{cell.id}: Colab shows a folded cell by its title"
        assert not metadata.is_solution(cell), f"{cell.id} is to be written in, not folded"


def assert_points_are_announced(name: str) -> None:
    """Assert that the opening of a notebook promises as many points as its cells are worth, the bonus apart."""
    notebook = load(name)
    worth = {False: 0, True: 0}
    for cell in notebook.cells:
        worth[metadata.is_optional(cell)] += metadata.worth(cell)
    for bonus, points in worth.items():
        what = "bonus points" if bonus else "points"
        promise = re.search(rf"There are ([0-9]+) {what}: (.+)\.$", notebook.cells[1].source, flags=re.M)
        if bonus and not points:
            assert promise is None
            continue
        assert promise, f"the second cell says how many {what} there are, and for what"
        assert int(promise[1]) == points
        assert sum(map(int, re.findall(r"\b([0-9]+)(?= for)", promise[2]))) == points


def assert_questions_stand_alone(name: str) -> None:
    """Assert that an unanswered question costs its own points only, and that hidden regions need no visible part."""
    notebook = load(name)
    for grade_id in cell_ids(notebook, solution=True):
        for place, share in shares_with(name, grade_id, "raise NotImplementedError()").items():
            assert share == (not place.startswith(f"test_{grade_id}")), f"without {grade_id}, {place} earns {share}"
    regions = {cell.id: cell.source for cell in notebook.cells if cell.id in cell_ids(notebook, grade=True)}
    alone = {
        place: f"### BEGIN HIDDEN TESTS\n{split_hidden(source)[1]}\n### END HIDDEN TESTS"
        for place, source in regions.items()
    }
    assert set(shares(name, run(notebook, alone)).values()) == {1.0}


def assert_bonus_may_be_skipped(name: str) -> None:
    """Assert that unwritten optional parts stop nothing: with everything else written, all cells run through."""
    notebook = load(name)
    untouched = {cell.id: cell.source for cell in blank(name).cells}
    tests = [cell.id for cell in notebook.cells if metadata.is_optional(cell)]
    skipped = {place.removeprefix("test_"): untouched[place.removeprefix("test_")] for place in tests}
    assert skipped, "there is an optional part"
    result = run(notebook, skipped)
    assert {place: error for place, error in result.errors.items() if "(hidden)" not in place} == {}
    assert shares(name, result) == {place: float(place not in tests) for place in reference(name).evidence}


def assert_described(executed: NotebookNode) -> None:
    """Assert that every picture of an executed notebook has a description for those who cannot see it."""
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                assert re.search(r'<img alt="[^"]{40,}"', output.data.get("text/html", "")), cell.id


def assert_mistake(name: str, mistake: Answer, seed: str = SEEDS[0]) -> None:
    """Assert that a mistake has a hint, names existing cells, and loses points in exactly those."""
    notebook = load(name)
    assert mistake.cell in cell_ids(notebook, solution=True)
    assert 40 <= len(mistake.text) <= 600, "the docstring is the hint: one to three sentences"
    assert set(mistake.loses) <= set(cell_ids(notebook, grade=True)), f"no such cells: {mistake.loses}"
    lost = {place for place, share in shares_with(name, mistake.cell, mistake.source, seed).items() if share < 1}
    assert lost == set(mistake.loses)
    assert lost


def assert_alternative(name: str, alternative: Answer, seed: str = SEEDS[0]) -> None:
    """Assert that a right answer passes all visible tests and gets full marks."""
    assert alternative.cell in cell_ids(load(name), solution=True)
    assert len(alternative.text) >= 20, "the docstring says the style"
    result = run(load(name), {alternative.cell: alternative.source}, seed)
    assert result.errors == {}
    assert set(shares(name, result, seed).values()) == {1.0}


def confusable(name: str, seed: str = SEEDS[0]) -> list[tuple[str, str]]:
    """List pairs of mistakes that give the same evidence in every cell they lose, so that neither could be named."""
    mistakes = bank("mistakes", name)
    runs = {str(mistake): run(load(name), {mistake.cell: mistake.source}, seed).evidence for mistake in mistakes}
    return [
        (str(one), str(two))
        for one, two in itertools.combinations(mistakes, 2)
        if set(one.loses) == set(two.loses)
        and all(_same_evidence(runs[str(one)][cell], runs[str(two)][cell], name, cell, seed) for cell in one.loses)
    ]


def _same_evidence(one: list[dict[str, Any]], two: list[dict[str, Any]], name: str, cell: str, seed: str) -> bool:
    left, right = ({record["name"]: decode(record["value"]) for record in records} for records in (one, two))
    terms = {record["name"]: record["terms"] for record in reference(name, seed).evidence[cell]}
    return set(left) == set(right) and all(
        compare(key, left[key], right[key], 10 * terms[key]["atol"], 10 * terms[key]["rtol"]).verdict == "passed"
        for key in left
    )


def constant_answer(function: str, value: str) -> str:
    """Return the source of a function that answers the same whatever it is asked."""
    return f"import math\n\ndef {function}(*args, **kwargs):\n    return {value}\n"
