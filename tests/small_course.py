"""The small course that most tests stand on: makers of its cells and its files, to be imported by any test."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursegrader.course.course import Course

ROOT = Path(__file__).parent.parent

DOUBLE = '''\
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    both_halves_together = x + x
    return both_halves_together
    ### END SOLUTION'''
TEST_DOUBLE = """\
assert double(3) == 6, "twice 3 is 6"
### BEGIN HIDDEN TESTS
from coursegrader.evidence import evidence, rng
for size in (2, 5):
    evidence(f"doubled vector of length {size}", double(rng("double", size).standard_normal(size)))
### END HIDDEN TESTS"""
BEST = """\
### BEGIN SOLUTION
best = 41.5
### END SOLUTION"""
TEST_BEST = """\
assert isinstance(best, float), "best is a decimal number"
### BEGIN HIDDEN TESTS
from coursegrader.evidence import evidence
evidence("best value", best)
### END HIDDEN TESTS"""
WHY = """\
Why does doubling twice multiply by four?
### BEGIN MARK SCHEME
Three points for saying that two times two is four, in any words.
### END MARK SCHEME"""
TRIPLE = """\
def triple(x):
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION"""
TEST_TRIPLE = """\
### BEGIN HIDDEN TESTS
from coursegrader.evidence import evidence
evidence("triple of minus two", triple(-2.0))
evidence("triple of seven", triple(7.0), weight=3)
### END HIDDEN TESTS"""


def cell(kind: str, name: str, source: str, points: int | None = None) -> NotebookNode:
    """Make a cell as authors write it.

    Args:
        kind: ``prose``, ``free``, ``given``, ``solution``, ``test``, ``task`` or ``answer``.
        name: Cell id and grade_id.
        source: Source.
        points: Points of a test or task cell.
    """
    if kind in ("prose", "free"):
        return (new_markdown_cell if kind == "prose" else new_code_cell)(source, id=name)
    if kind == "answer":
        return new_markdown_cell(source, id=name, metadata={"coursegrader": {"answers": name.removesuffix("_answer")}})
    meta: dict[str, Any] = {"grade_id": name, "schema_version": 3}
    meta |= {"grade": kind == "test", "solution": kind == "solution", "task": kind == "task"}
    meta["locked"] = kind != "solution"
    if points is not None:
        meta["points"] = points
    return (new_markdown_cell if kind == "task" else new_code_cell)(source, id=name, metadata={"nbgrader": meta})


def numbers() -> NotebookNode:
    """Return a notebook with every kind of cell a course has."""
    cells = [
        cell("prose", "title", "# Numbers"),
        cell("given", "setup", "import math"),
        cell("solution", "double", DOUBLE),
        cell("test", "test_double", TEST_DOUBLE, 2),
        cell("prose", "best-question", "Which is the best number?"),
        cell("solution", "best", BEST),
        cell("test", "test_best", TEST_BEST, 1),
        cell("task", "q_why", WHY, 3),
        cell("answer", "q_why_answer", "*Your answer here.*"),
        cell("task", "q_how", WHY.replace("Why does", "How do you see that"), 2),
        cell("answer", "q_how_answer", "*Your answer here.*"),
        cell("free", "my-try", "double(4)"),
        cell("solution", "triple", TRIPLE),
        cell("test", "test_triple", TEST_TRIPLE, 4),
        cell("prose", "end", "That was it."),
    ]
    return canonical(cells)


def words() -> NotebookNode:
    """Return a second, smaller notebook."""
    shout = 'def shout(word):\n    ### BEGIN SOLUTION\n    return word.upper() + "!"\n    ### END SOLUTION'
    test = (
        "### BEGIN HIDDEN TESTS\nfrom coursegrader.evidence import evidence\n"
        'evidence("shouted word", shout("quiet"), judge="equal")\n### END HIDDEN TESTS'
    )
    cells = [
        cell("prose", "title", "# Words"),
        cell("given", "setup", "import math"),
        cell("solution", "shout", shout),
        cell("test", "test_shout", test, 2),
        cell("prose", "end", "That was it."),
    ]
    return canonical(cells)


def canonical(cells: list[NotebookNode]) -> NotebookNode:
    """Return a notebook with the metadata of the course's own."""
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def write_course(root: Path) -> Course:
    """Write a course with one small assignment, ``week``, and this project's own nbgrader_config.py."""
    folder = root / "source" / "week"
    for private in ("hidden", "truth", "data"):
        (folder / private).mkdir(parents=True)
    (folder / "data" / "table.csv").write_text("a,b\n1,2\n")
    (folder / "hidden" / "inputs.txt").write_text("inputs nobody should have seen before\n")
    (folder / "truth" / "labels.txt").write_text("".join(f"{label}\n" for label in "abcdefghij"))
    nbformat.write(numbers(), folder / "1_numbers.ipynb")
    nbformat.write(words(), folder / "2_words.ipynb")
    shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    return Course.open(root)


def hand_in(course: Course, student: str, answers: dict[str, str]) -> Path:
    """Hand in both notebooks in the place of what lies there, some cells replaced by id; return the folder."""
    folder = course.step("submitted", student, "week")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, notebook in course.assignment("week").notebooks.items():
        nb = copy.deepcopy(notebook.release)
        for cell in nb.cells:
            cell.source = answers.get(cell.id, cell.source)
        nbformat.write(nb, folder / f"{name}.ipynb")
    return folder
