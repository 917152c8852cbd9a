"""What a student does beside an answer costs nothing, and what an answer does in another way earns the same."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from small_course import canonical, cell, write_course

from coursegrader.course.course import Course
from coursegrader.errors import AuthoringError
from coursegrader.grading import pipeline
from coursegrader.grading.cache import Cache
from coursegrader.grading.reference import reference

SETUP = """\
%matplotlib inline
from decimal import Decimal, getcontext, localcontext
import pandas as pd
df = pd.DataFrame({"a": [1, 2]})
calls = 0
def score(x):
    score.calls += 1
    return x
score.calls = 0
def oracle(x):
    global calls
    calls += 1
    return x"""
#: Each question: its solution, and its hidden region.
QUESTIONS = {
    "peak": (
        "def peak(n):\n    return max(range(n), key=score) if n < 9 else score(n - 1)",
        "score.calls = 0\nn = int(rng('n').integers(20, 30))\np = peak(n)\nevidence('peak', [p - n, float(score.calls <= 5)])\n"
        "def twice(f, v):\n    return f(f(v))",
    ),
    "root": (
        "def root(x):\n    with localcontext() as here:\n        here.prec = 40\n        return str(Decimal(x).sqrt())",
        "evidence('root', root(int(rng('r').integers(20, 30))))",
    ),
    "table": ("df['b'] = df.a * 2", "evidence('table', df)"),
    "half": ("def half(x):\n    return x / 2", "evidence('quarter', twice(half, float(rng('h').uniform(1, 2))))"),
    "best": (
        "def best(xs):\n    return max(oracle(x) for x in xs)",
        "calls = 0\nevidence('best', best(rng('b', 4).uniform(1, 2, 4).tolist()))\nevidence('calls', sum([calls]))",
    ),
}
FULL = dict.fromkeys(QUESTIONS, 2.0)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return a course with one notebook of these questions."""
    made = write_course(tmp_path_factory.mktemp("habits") / "course")
    cells = [cell("free", "setup", SETUP)]
    for name, (solution, region) in QUESTIONS.items():
        cells.append(cell("solution", name, f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"))
        imports = "from coursegrader.evidence import evidence, rng"
        tests = f"### BEGIN HIDDEN TESTS\n{imports}\n{region}\n### END HIDDEN TESTS"
        cells.append(cell("test", f"test_{name}", tests, 2))
    for other in (made.root / "source" / "week").glob("*.ipynb"):
        other.unlink()
    nbformat.write(canonical(cells), made.root / "source" / "week" / "habits.ipynb")
    return made


def points(course: Course, student: str, own: str = "", setup: str = "", **answers: str) -> dict[str, float | None]:
    """Hand in the instructor's own answers, but for these, and return what each question earned."""
    handed_in: NotebookNode = nbformat.from_dict(course.assignment("week").notebooks["habits"].release)
    for one in handed_in.cells:
        if one.id in QUESTIONS:
            one.source = answers.get(one.id, QUESTIONS[one.id][0])
        if one.id == "setup":
            one.source += setup
    handed_in.cells.insert(1, new_code_cell(own, id="my-own"))
    folder = course.root / "submitted" / student / "week"
    folder.mkdir(parents=True)
    nbformat.write(handed_in, folder / "habits.ipynb")
    (result,) = pipeline.autograde(course, "week", student=student).gradings[student].notebooks
    return {one.grade_id.removeprefix("test_"): one.points for one in result.cells}


@pytest.mark.parametrize(
    ("own", "answers", "lost"),
    [
        ("sum = id = 0", {}, ""),
        ("", {"table": "df = df.assign(b=df.a * 2)"}, ""),
        ("", {"root": "getcontext().prec = 40\ndef root(x):\n    return str(Decimal(x).sqrt())"}, ""),
        ("sum = 0", {"peak": "def peak(n):\n    return max(range(n), key=score)"}, "peak"),
        ("", {"best": "def best(xs):\n    return max(xs)"}, "best"),
        ("", {"root": "import os\nos._exit(3)"}, "root"),
    ],
    ids=["other names", "a new table", "a precision", "too many calls", "no call", "a crash"],
)
def test_only_what_is_wrong_loses_points(
    course: Course, request: pytest.FixtureRequest, own: str, answers: dict[str, str], lost: str
):
    earned = points(course, request.node.callspec.id.replace(" ", "-"), own, **answers)
    assert {name for name in FULL if earned[name] != FULL[name]} == ({lost} if lost else set())


def test_what_a_student_adds_to_a_given_cell_is_the_students(course: Course):
    assert points(course, "bo", setup="\nsum = 1 + 2\nround = 3") == FULL


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda cells: cells[4].update(source="assert root(4) == 3, 'my message'\n" + cells[4].source),
            r"cell test_root: the visible tests end with error on the reference solution \(AssertionError: my message\)",
        ),
        (
            lambda cells: cells[3].update(source="import nosuchmodule\n" + cells[3].source),
            r"NameError: .*; before it, cell root ended with ModuleNotFoundError: No module named 'nosuchmodule'\)",
        ),
    ],
    ids=["a visible test", "a cell before it"],
)
def test_a_reference_that_fails_is_told_with_its_cause(course: Course, tmp_path: Path, change, said: str):
    broken = write_course(tmp_path / "course")
    nb = nbformat.read(course.root / "source" / "week" / "habits.ipynb", 4)
    change(nb.cells)
    nbformat.write(nb, broken.root / "source" / "week" / "habits.ipynb")
    with pytest.raises(AuthoringError, match=said):
        reference(broken.assignment("week").notebooks["habits"], "a seed", Cache(tmp_path / "cache"))
