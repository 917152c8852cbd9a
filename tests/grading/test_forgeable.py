"""Cells without evidence: nbgrader's own scores where a course allows them, and a refusal where it does not."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.utils import determine_grade
from small_course import canonical, cell, write_course
from traitlets.config import Config

from coursegrader.authoring.audit import prove
from coursegrader.authoring.check import check
from coursegrader.authoring.told import check_table
from coursegrader.course.course import Course, Notebook
from coursegrader.engine.execute import run_notebook
from coursegrader.errors import AuthoringError
from coursegrader.grading import pipeline
from coursegrader.grading.cache import Cache
from coursegrader.judging.judge import judge_cell

HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
#: What students of nbgrader courses meet, each worth 4 points; ``f`` doubles.
CELLS = {
    "nothing": "",
    "passes": "assert f(2) == 4",
    "fails": "assert f(2) == 5",
    "fails-hidden": "assert f(2) == 4\n" + HIDDEN.format("assert f(3) == 7"),
    "fails-visible": "assert f(2) == 5\n" + HIDDEN.format("assert f(3) == 6"),
    "partial": "f(1) + 0.5",
    "partial-hidden": "assert f(1) == 2\n" + HIDDEN.format("1.5"),
    "shown-not-last": "f(1)\n" + HIDDEN.format("assert True"),
    "nothing-earned": "0",
    "all-earned": "f(2)",
    "text": "'well done'",
    "list": "[1, 2]",
    "truth": "True",
    "printed": "print(1.5)",
    "displayed": "from IPython.display import display\ndisplay(1.5)",
    "warns": "import warnings\nwarnings.warn('odd')",
    "complains-before-a-number": "import sys\nprint('odd', file=sys.stderr)\n3",
    "score-around-the-region": "score = 1\n" + HIDDEN.format("if f(3) == 6:\n    score += 2") + "\nscore",
    "region-in-a-function": "def tests():\n    assert f(1) == 2\n"
    + HIDDEN.format("    assert f(2) == 5").replace("###", "    ###")
    + "\ntests()",
    "region-in-a-block": "if True:\n    points = f(1)\n" + HIDDEN.format("    points += 1") + "\npoints",
    "several-regions": "n = 0\n" + HIDDEN.format("n += f(1)") + "\nn += 1\n" + HIDDEN.format("n += 0.5") + "\nn",
}
SOLUTION = "def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"


def bare(root: Path, cells: dict[str, str], **settings: str) -> Course:
    """Write the small course with a third notebook whose grade cells emit nothing."""
    course = write_course(root)
    tests = [cell("test", name, source, 4) for name, source in cells.items()]
    nb = canonical([cell("solution", "f", SOLUTION), *tests])
    nbformat.write(nb, root / "source" / "week" / "3_bare.ipynb")
    course.config.merge(Config({"SaveScores": settings}))
    return course


def points(notebook: Notebook) -> dict[str, float | None]:
    """Return what the instructor's own notebook earns."""
    run = run_notebook(notebook, notebook.source, files=None, seed="a seed")
    return {name: judge_cell(notebook.graded[name], cell, []).points for name, cell in run.cells.items()}


def test_every_cell_earns_what_nbgrader_gives(tmp_path: Path):
    notebook = bare(tmp_path / "course", CELLS).assignment("week").notebooks["3_bare"]
    nb = nbformat.from_dict(notebook.source)
    theirs = nbformat.reads(nbformat.writes(nb), as_version=4)
    NotebookClient(theirs, allow_errors=True, kernel_name="python3").execute()
    wanted = {c.id: determine_grade(c)[0] for c in theirs.cells if c.metadata.nbgrader.grade}
    assert points(notebook) == wanted
    assert len(set(wanted.values())) >= 6  # the cells are not all the same


@pytest.mark.parametrize(
    ("ending", "earned"),
    [("-1", 0.0), ("5", 0.0), ("float('nan')", 0.0), ("float('inf')", 0.0), ("import numpy as np\nnp.float64(1.5)", 1.5),
     ("import os\nos._exit(0)", 0.0), ("exit()", 4.0), ("print('x' * 2_000_000)", 4.0), ("'x' * 2_000_000", 4.0)],
)  # fmt: skip
def test_where_nbgrader_stops_or_is_generous_nothing_is_earned(tmp_path: Path, ending: str, earned: float):
    notebook = bare(tmp_path / "course", {"odd": ending}).assignment("week").notebooks["3_bare"]
    assert points(notebook) == {"odd": earned}


def test_a_course_that_does_not_allow_them_is_neither_released_nor_graded(tmp_path: Path):
    course = bare(tmp_path / "course", {"passes": CELLS["passes"]})
    notebook = course.assignment("week").notebooks["3_bare"]
    (course.root / "submitted" / "ada" / "week").mkdir(parents=True)
    with pytest.raises(AuthoringError, match=r'3_bare\.ipynb, cell passes.*c\.SaveScores\.forgeable = "allow"'):
        pipeline.autograde(course, "week")
    found = prove(notebook, "a seed", Cache(tmp_path / "cache"))
    assert [finding.code for finding in found] == ["reference_fails"]
    assert "emits no evidence" in found[0].detail


def test_a_course_that_allows_them_reads_everywhere_that_they_can_be_forged(tmp_path: Path):
    course = bare(tmp_path / "course", {"partial": CELLS["passes"]}, forgeable="allow")
    assignment, cache = course.assignment("week"), Cache(tmp_path / "cache")
    assert prove(assignment.notebooks["3_bare"], "a seed", cache) == []
    folder = course.root / "submitted" / "ada" / "week"
    folder.mkdir(parents=True)
    nbformat.write(assignment.notebooks["3_bare"].source, folder / "3_bare.ipynb")
    graded = pipeline.autograde(course, "week").gradings["ada"].notebook("3_bare")
    assert [(c.points, c.verdict, c.forgeable) for c in graded.cells] == [(4.0, "full", True)]
    found = check(assignment, "a seed", cache, 1, ["3_bare"])
    assert found.problems == []
    assert found.summary()["forgeable"] == 1
    assert "forgeable 3_bare, partial" in check_table(found)
