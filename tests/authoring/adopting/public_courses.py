"""Five courses of shapes that public nbgrader courses have, with honest submissions; scores are nbgrader's to say."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbgrader_oracle import Scores, nbgrader, scores

Cell = dict[str, Any]


def md(text: str, **more: Any) -> Cell:
    return {"cell_type": "markdown", "metadata": more, "source": text}


def code(text: str, **more: Any) -> Cell:
    return {"cell_type": "code", "metadata": more, "source": text, "outputs": [], "execution_count": None}


def marked(cell: Cell, name: str, schema: int = 3, **more: Any) -> Cell:
    flags = {"grade": False, "solution": False, "locked": False} | ({"task": False} if schema == 3 else {})
    cell["metadata"]["nbgrader"] = {"grade_id": name, "schema_version": schema, **flags, **more}
    return cell


def solution(name: str, text: str, **more: Any) -> Cell:
    return marked(code(text), name, solution=True, **more)


def graded(name: str, text: str, points: float = 1, **more: Any) -> Cell:
    return marked(code(text), name, grade=True, locked=True, points=points, **more)


def essay(name: str, text: str, points: float = 2, **more: Any) -> Cell:
    return marked(md(text), name, grade=True, solution=True, points=points, **more)


def notebook(*cells: Cell, minor: int = 4, **metadata: Any) -> dict[str, Any]:
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return {"cells": list(cells), "metadata": {**kernel, **metadata}, "nbformat": 4, "nbformat_minor": minor}


@dataclass
class PublicCourse:
    """A course as its instructor keeps it.

    Attributes:
        config: nbgrader_config.py.
        files: Notebooks (as data) and other files by path.
        answers: Sources of solution cells by student, by grade_id; a cell that is not named stays as it was released.
        places: Where a released notebook lies, by path of a submission with ``{student}`` in it.
        assignments: Their names.
        outdated: Whether nbgrader itself needs ``nbgrader update`` first.
        evidence: Cells that can have evidence.
    """

    config: str
    files: dict[str, dict[str, Any] | str | bytes]
    answers: dict[str, dict[str, str]]
    places: dict[str, str]
    assignments: tuple[str, ...]
    outdated: bool = False
    evidence: set[str] = field(default_factory=set)

    def write(self, root: Path) -> None:
        """Write the course, without submissions."""
        (root / "nbgrader_config.py").parent.mkdir(parents=True)
        (root / "nbgrader_config.py").write_text(self.config)
        for name, content in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            data = json.dumps(content, indent=1) if isinstance(content, dict) else content
            path.write_bytes(data if isinstance(data, bytes) else data.encode())

    def grade_by_nbgrader(self, root: Path) -> Scores:
        """Let nbgrader release the course, hand in every answer, to the course too, and return nbgrader's scores."""
        theirs = root.with_name(f"{root.name}-by-nbgrader")
        shutil.copytree(root, theirs)
        if self.outdated:
            nbgrader(theirs, "update", ".")
        for assignment in self.assignments:
            nbgrader(theirs, "generate_assignment", assignment)
        for handed_in, released in self.places.items():
            self._hand_in(
                theirs / released, lambda who, to=handed_in: [r / to.format(student=who) for r in (theirs, root)]
            )
        for assignment in self.assignments:
            nbgrader(theirs, "autograde", assignment)
        return scores(theirs, *self.assignments)

    def _hand_in(self, released: Path, targets: Callable[[str], list[Path]]) -> None:
        for student, answers in self.answers.items():
            nb = copy.deepcopy(nbformat.read(released, as_version=nbformat.NO_CONVERT))
            for cell in nb.cells:
                name = cell.metadata.get("nbgrader", {}).get("grade_id")
                cell.source = answers.get(name, cell.source)
            for target in targets(student):
                target.parent.mkdir(parents=True, exist_ok=True)
                nbformat.write(nb, target)


# -- an old course: format 4.0, no ids, clutter, a picture --------------------------------------------------------------

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)
ADD = "def add(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION"
GREET = 'def greet(name):\n    ### BEGIN SOLUTION\n    return f"Hello, {name}!"\n    ### END SOLUTION'
OLD = PublicCourse(
    config="c = get_config()\nc.CourseDirectory.course_id = 'old'\n",
    files={
        "source/ps1/picture.png": PIXEL,
        "source/ps1/first.ipynb": notebook(
            md("# First\n![a dot](picture.png)", collapsed=False, slideshow={"slide_type": "slide"}),
            solution("add", ADD, schema=2),
            code("add(1, 2)", scrolled=True, tags=["try"]),
            graded("test_add", "from numpy.testing import assert_equal\nassert add(1, 2) == 3\nassert_equal(add(2, 2), 4)\n"
                 "### BEGIN HIDDEN TESTS\nfor a, b, c in [(5, 6, 11), (0, 0, 0)]:\n    assert add(a, b) == c, 'wrong'\n"
                 "### END HIDDEN TESTS", 3, schema=2),
            solution("greet", GREET, schema=1),
            graded("test_greet", 'assert isinstance(greet("Ada"), str)\nassert greet("Ada") == "Hello, Ada!"', 2, schema=1),
            essay("why", "It adds.", schema=2),
            minor=0,
            celltoolbar="Create Assignment",
            toc={"nav_menu": {}},
        ),
    },
    answers={
        "right": {"add": "def add(a, b):\n    return a + b", "greet": 'def greet(name):\n    return "Hello, %s!" % name'},
        "half": {"add": "def add(a, b):\n    return 3 if a < 5 else a + b", "greet": "greet = 'Hello, {}!'.format"},
        "list": {"add": "def add(a, b):\n    return [a, b]", "greet": "def greet(name):\n    return None"},
        "blank": {},
    },
    places={"submitted/{student}/ps1/first.ipynb": "release/ps1/first.ipynb"},
    assignments=("ps1",),
    outdated=True,
    evidence={"test_add", "test_greet"},
)  # fmt: skip

# -- folders of its own, a module and a table beside the notebook -------------------------------------------------------

TOTAL = "def total(path):\n    ### BEGIN SOLUTION\n    return sum(helpers.numbers(path))\n    ### END SOLUTION"
MEAN = (
    "def mean(path):\n    ### BEGIN SOLUTION\n    return total(path) / len(helpers.numbers(path))\n    ### END SOLUTION"
)
NESTED = PublicCourse(
    config=(
        "c = get_config()\n"
        'c.CourseDirectory.directory_structure = "unit/{assignment_id}/{nbgrader_step}/{student_id}"\n'
        'c.CourseDirectory.source_directory = "teachers"\n'
        'c.CourseDirectory.submitted_directory = "handed-in"\n'
        'c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "notes"]\n'
    ),
    files={
        "unit/week 1/teachers/sums.ipynb": notebook(
            code("import math\nimport helpers"),
            solution("total", TOTAL),
            graded("test_total", 'assert total("tables/a.csv") == 6', 2),
            solution("mean", MEAN),
            graded("test_mean", 'expected = 2\ngot = mean("tables/a.csv")\nassert abs(got - expected) < 1e-6', 2),
            graded("test_missing", 'try:\n    total("nowhere.csv")\nexcept OSError:\n    pass\nelse:\n    assert False', 1),
        ),
        "unit/week 1/teachers/helpers.py": "def numbers(path):\n    return [float(n) for n in open(path)]\n",
        "unit/week 1/teachers/tables/a.csv": "1\n2\n3\n",
        "unit/week 1/teachers/notes/for colleagues.txt": "the answers are 6 and 2\n",
    },
    answers={
        "ada": {"total": "def total(path):\n    return math.fsum(helpers.numbers(path))",
                "mean": "def mean(path):\n    numbers = helpers.numbers(path)\n    return sum(numbers) / len(numbers)"},
        "bo": {"total": "def total(path):\n    try:\n        return sum(helpers.numbers(path))\n    except OSError:\n"
                        "        return 0", "mean": "def mean(path):\n    return 2.0000001"},
        "chi": {"mean": "def mean(path):\n    return 3"},
    },
    places={"unit/week 1/handed-in/{student}/sums.ipynb": "unit/week 1/release/sums.ipynb"},
    assignments=("week 1",),
    evidence={"test_total", "test_mean"},
)  # fmt: skip

# -- markers, stubs, a header and a preprocessor of its own -------------------------------------------------------------

SORTED = "def arranged(xs):\n    # >>> answer\n    return sorted(xs)\n    # <<< answer"
OWN_WORDS = PublicCourse(
    config=(
        "c = get_config()\n"
        "from nbgrader.converters import Autograde\n"
        'c.ClearSolutions.begin_solution_delimeter = ">>> answer"\n'
        'c.ClearSolutions.end_solution_delimeter = "<<< answer"\n'
        'c.ClearSolutions.code_stub = {"python": "# now it is your turn\\nraise NotImplementedError"}\n'
        'c.ClearHiddenTests.begin_test_delimeter = "hidden {"\n'
        'c.ClearHiddenTests.end_test_delimeter = "} hidden"\n'
        'c.IncludeHeaderFooter.header = "source/top.ipynb"\n'
        "c.Autograde.sanitize_preprocessors = Autograde.sanitize_preprocessors.default()\n"
        "c.Execute.timeout = 60\n"
    ),
    files={
        "source/top.ipynb": notebook(md("Name:"), code("LIMIT = 3"), md("---")),
        "source/lists/one.ipynb": notebook(
            md("---"),
            solution("arranged", SORTED),
            graded("test_loop", "for size in range(LIMIT):\n    numbers = list(range(size, 0, -1))\n    # hidden {\n"
                 "    assert arranged(numbers) == numbers[::-1]\n    # } hidden\n    assert len(arranged(numbers)) == size"),
            graded("test_function", "def try_it(xs):\n    # hidden {\n    assert arranged(xs)[0] == min(xs)\n    # } hidden\n"
                 "    return True\n\nassert try_it([3, 1, 2])\nassert try_it([5])"),
            graded("test_before", "# hidden {\nsecret = arranged([2, 1])\n# } hidden\nassert arranged([1]) == [1]\n"
                 "assert secret == [1, 2]", 2),
        ),
    },
    answers={
        "ada": {"arranged": "def arranged(xs):\n    ys = list(xs)\n    ys.sort()\n    return ys"},
        "bo": {"arranged": "def arranged(xs):\n    return list(xs)"},
        "chi": {"arranged": "def arranged(xs):\n    return sorted(xs) if len(xs) < 3 else sorted(xs)[1:]"},
        "dana": {},
    },
    places={"submitted/{student}/lists/one.ipynb": "release/lists/one.ipynb"},
    assignments=("lists",),
    evidence={"test_loop"},
)  # fmt: skip

# -- partial credit by the number that a cell ends with -----------------------------------------------------------------

WORDS = "def count(text):\n    ### BEGIN SOLUTION\n    return len(text.split())\n    ### END SOLUTION"
PARTIAL = PublicCourse(
    config="c = get_config()\n",
    files={
        "source/credit/words.ipynb": notebook(
            solution("count", WORDS),
            graded("test_share", "cases = {'a b': 2, '': 0, 'a  b': 2, ' a': 1}\n"
                 "sum(count(text) == wanted for text, wanted in cases.items())", 4),
            graded("test_added", "score = 0\nif count('one') == 1:\n    score += 1\n### BEGIN HIDDEN TESTS\n"
                 "if count('one  two') == 2:\n    score += 1.5\n### END HIDDEN TESTS\nscore", 2.5),
            graded("test_plain", "assert count('x y z') == 3", 1),
            graded("test_text", "'checked: %d' % count('x')", 1),
        ),
    },
    answers={
        "right": {"count": "def count(text):\n    return sum(1 for word in text.split())"},
        "spaces": {"count": "def count(text):\n    return text.count(' ') + 1"},
        "never": {"count": "def count(text):\n    return -1"},
        "blank": {},
    },
    places={"submitted/{student}/credit/words.ipynb": "release/credit/words.ipynb"},
    assignments=("credit",),
    evidence={"test_plain"},
)  # fmt: skip

# -- two assignments, each with a library of its own --------------------------------------------------------------------

SCALE = "def scale(x):\n    ### BEGIN SOLUTION\n    return (x - x.mean()) / x.std()\n    ### END SOLUTION"
OLDEST = (
    "def oldest(people):\n    ### BEGIN SOLUTION\n    return people.groupby('team').age.max()\n    ### END SOLUTION"
)
TWO = PublicCourse(
    config="c = get_config()\nc.CourseDirectory.course_id = 'two'\n",
    files={
        "source/arrays/scaling.ipynb": notebook(
            code("import numpy as np"),
            solution("scale", SCALE),
            graded("test_scale", "x = np.array([1.0, 2.0, 6.0])\nnp.testing.assert_allclose(scale(x).mean(), 0, atol=1e-9)\n"
                 "np.testing.assert_allclose(scale(x), (x - 3) / x.std(), rtol=1e-6)\n### BEGIN HIDDEN TESTS\n"
                 "assert np.allclose(scale(2 * x), scale(x))\nassert scale(x).shape == (3,)\n### END HIDDEN TESTS", 3),
            graded("test_seeded", "np.random.seed(3)\nnoise = np.random.rand(4)\nassert np.isclose(scale(noise).std(), 1)", 1),
            graded("test_chance", "noise = np.random.rand(4)\nassert abs(scale(noise).std() - 1) < 1e-6", 1),
        ),
        "source/frames/people.ipynb": notebook(
            code("import pandas as pd\npeople = pd.DataFrame({'team': list('aab'), 'age': [30, 40, 50]})"),
            solution("oldest", OLDEST),
            graded("test_oldest", "wanted = pd.Series([40, 50], pd.Index(['a', 'b'], name='team'), name='age')\n"
                 "pd.testing.assert_series_equal(oldest(people), wanted)", 2),
            graded("test_one", "assert oldest(people)['a'] == 40", 1),
        ),
        "source/frames/requirements.txt": "pandas\n",
    },
    answers={
        "ada": {"scale": "def scale(x):\n    centred = x - np.mean(x)\n    return centred / np.sqrt(np.mean(centred ** 2))",
                "oldest": "def oldest(people):\n    return people.groupby('team')['age'].agg('max')"},
        "bo": {"scale": "def scale(x):\n    return (x - x.mean()) / x.std(ddof=1)",
               "oldest": "def oldest(people):\n    return dict(people.groupby('team').age.max())"},
        "chi": {"scale": "def scale(x):\n    return x - x.mean()"},
    },
    places={"submitted/{student}/arrays/scaling.ipynb": "release/arrays/scaling.ipynb",
            "submitted/{student}/frames/people.ipynb": "release/frames/people.ipynb"},
    assignments=("arrays", "frames"),
    evidence={"test_scale", "test_seeded", "test_one", "test_oldest"},
)  # fmt: skip

COURSES = {"old": OLD, "nested": NESTED, "own words": OWN_WORDS, "partial": PARTIAL, "two": TWO}
