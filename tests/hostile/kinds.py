"""A course that asks for dicts, sets, dates, tables and plots, and who tries to be paid for others than the right ones."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from small_course import ROOT, canonical, cell

from coursegrader.authoring.demo import hand_in
from coursegrader.course.course import Course

SETTINGS = "c.Execute.timeout = 5\nc.Execute.memory_mb = 600\n"
POINTS = {"test_count": 2, "test_days": 2, "test_table": 2, "test_plot": 2}
COUNT = """\
def count(words):
    ### BEGIN SOLUTION
    return {word: words.count(word) for word in words}, set(map(len, words))
    ### END SOLUTION"""
TEST_COUNT = """\
assert callable(count)
### BEGIN HIDDEN TESTS
from coursegrader.evidence import evidence, rng
drawn = [0, *rng("count", 15).integers(0, 6, 15)]
words = [chr(97 + n) * (1 + n) for n in drawn + drawn]  # none once, and one of one letter: True is right for no count
evidence("counts", count(list(words))[0])
evidence("lengths", count(list(words))[1])
### END HIDDEN TESTS"""
DAYS = """\
import datetime

def days(first, number):
    ### BEGIN SOLUTION
    return [first + datetime.timedelta(days=n) for n in range(number)]
    ### END SOLUTION"""
TEST_DAYS = """\
assert callable(days)
### BEGIN HIDDEN TESTS
import datetime
from coursegrader.evidence import evidence, rng
begin = datetime.date(2026, 1, 1) + datetime.timedelta(days=int(rng("days").integers(1, 300)))
evidence("dates", days(begin, 5))
evidence("moments", days(datetime.datetime(2026, 2, 3, 4, tzinfo=datetime.timezone.utc), 3)[-1])
### END HIDDEN TESTS"""
TABLE = """\
import pandas as pd

def table(names, prices):
    ### BEGIN SOLUTION
    found = pd.DataFrame({"name": names, "price": prices})
    return found.groupby("name", as_index=True).mean()
    ### END SOLUTION"""
TEST_TABLE = """\
assert callable(table)
### BEGIN HIDDEN TESTS
from coursegrader.evidence import evidence, rng
prices = rng("table", 12).uniform(1, 9, 12)
evidence("means", table(list("abcabcabcabc"), prices))
evidence("column", table(list("abcdabcdabcd"), prices)["price"])
### END HIDDEN TESTS"""
PLOT = """\
import matplotlib.pyplot as plt

def plot(ax, x):
    ### BEGIN SOLUTION
    ax.plot(x, x ** 2)
    ax.set_xlabel("time")
    ### END SOLUTION"""
TEST_PLOT = """\
assert callable(plot)
### BEGIN HIDDEN TESTS
import matplotlib.pyplot as plt
from coursegrader.evidence import drawn, evidence, rng
figure, ax = plt.subplots()
plot(ax, rng("plot", 9).uniform(1, 5, 9))
evidence("a plot", drawn(ax, "lines", "bars", "xlabel"))
plt.close("all")
### END HIDDEN TESTS"""


def write(root: Path) -> Course:
    """Write the course, whose assignment is called ``week``, into a folder."""
    folder = root / "source" / "week"
    folder.mkdir(parents=True)
    cells = [cell("prose", "title", "# Kinds")]
    for name, solution, test in (("count", COUNT, TEST_COUNT), ("days", DAYS, TEST_DAYS),
                                 ("table", TABLE, TEST_TABLE), ("plot", PLOT, TEST_PLOT)):  # fmt: skip
        cells += [cell("solution", name, solution), cell("test", f"test_{name}", test, POINTS[f"test_{name}"])]
    nbformat.write(canonical(cells), folder / "kinds.ipynb")
    shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(SETTINGS)
    return Course.open(root)


@dataclass(frozen=True)
class Kind:
    """A submission to this course.

    Attributes:
        name: What is special about it.
        answers: Answers that differ from the right ones, by question.
        earns: Points that are not all, by question; 0 for each other question with an answer of its own.
    """

    name: str
    answers: dict[str, str]
    earns: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    @property
    def id(self) -> str:
        """The student's id."""
        return self.name.replace(" ", "-")

    def expected(self) -> dict[str, float]:
        """Return the points of every cell."""
        worth = {name: float(most) for name, most in POINTS.items()}
        return {**worth, **{f"test_{name}": 0.0 for name in self.answers}, **self.earns}

    def write(self, course: Course) -> None:
        """Hand it in."""
        nb = hand_in(course.assignment("week").notebooks["kinds"], lambda name, right: self.answers.get(name, right))
        folder = course.step("submitted", self.id, "week")
        folder.mkdir(parents=True)
        nbformat.write(nb, folder / "kinds.ipynb")


def count(body: str, head: str = "") -> dict[str, str]:
    """Answer the first question."""
    return {"count": f"{head}\ndef count(words):\n    {body}"}


def days(body: str, head: str = "") -> dict[str, str]:
    """Answer the second question."""
    return {"days": f"import datetime\n{head}\ndef days(first, number):\n    {body}"}


def table(body: str, head: str = "") -> dict[str, str]:
    """Answer the third question."""
    return {"table": f"import numpy as np, pandas as pd\n{head}\ndef table(names, prices):\n    {body}"}


def plot(body: str, head: str = "") -> dict[str, str]:
    """Answer the fourth question."""
    return {"plot": f"import matplotlib, matplotlib.pyplot as plt, numpy as np\n{head}\ndef plot(ax, x):\n    {body}"}


_YES = "class Yes:\n    __eq__ = __le__ = __ge__ = lambda self, other: True\n    __hash__ = lambda self: 1"
_FORGE = (
    "from coursegrader.evidence import MIME\nfrom IPython.display import publish_display_data\n"
    "def forge(name, **value): publish_display_data({MIME: {'name': name, 'value': value}})"
)

KINDS = [
    Kind("all of it right", {}),
    # -- dicts and sets
    Kind("objects that equal every key", count("return {Yes(): Yes()}, {Yes()}", _YES)),
    Kind("a dict that lies about its items", count("return Lying(), set()", "class Lying(dict):\n    items = keys = lambda self: [('a', 1)]\n    __len__ = lambda self: 6\n    __eq__ = lambda self, other: True")),
    Kind("every count at once", count("return {w: [0, 1, 2, 3, 4, 5, 6, 7] for w in words}, set(range(30))")),
    Kind("a dict within itself", count("d = {}\n    d['d'] = d\n    return d, {1}")),
    Kind("a set of everything", count("return {}, set(range(10 ** 6))")),
    Kind("keys without end", count("return dict.fromkeys(range(10 ** 6), 0), {frozenset([frozenset([1])])}")),
    Kind("nan as every key", count("return {float('nan'): 1}, {float('nan')}")),
    Kind("keys of one hash", count("return {(-1 - n % 2, 2 ** 61 * n): 1 for n in range(1000)}, {0}")),
    Kind("a dict that is forged", count("for kind in ('dict', 'set'): forge('counts', **{kind: [[['a'], {'none': True}]] * 9})\n    raise SystemExit", _FORGE)),
    Kind("True for one", count("return {w: words.count(w) == 1 or words.count(w) for w in words}, {n == 1 or n for n in map(len, words)}"), {"test_count": 1.0}),
    # -- dates
    Kind("dates that are nowhere", days("import numpy as np\n    return [np.datetime64('NaT')] * number")),
    Kind("a date that tells another", days("return [Late(2026, 1, 1)] * number", "class Late(datetime.datetime):\n    def to_datetime64(self):\n        import numpy as np\n        return np.zeros(10 ** 6, 'M8[ns]')")),
    Kind("a zone that never answers", days("return [first.replace(tzinfo=Odd())] * number if hasattr(first, 'hour') else []", "class Odd(datetime.tzinfo):\n    def utcoffset(self, when):\n        while True: pass")),
    Kind("a zone that ends the kernel", days("return [first.replace(tzinfo=Odd())] * number if hasattr(first, 'hour') else []", "class Odd(datetime.tzinfo):\n    def utcoffset(self, when):\n        import os\n        os._exit(4)")),
    Kind("dates as numbers", days("return [first.toordinal() + n for n in range(number)]")),
    Kind("a date so large that it wraps", days("import numpy as np\n    return [np.datetime64(2 ** 62, 's')] * number")),
    # -- tables
    Kind("a table of its inputs", table("return pd.DataFrame({'price': prices}, index=names)")),
    Kind("a table of nothing but nan", table("return pd.DataFrame({'price': [np.nan] * 3}, index=pd.Index(list('abc'), name='name'))")),
    Kind("a table that lies about its columns", table("return Lying({'price': prices})", "class Lying(pd.DataFrame):\n    columns = property(lambda self: pd.Index(['price']))\n    shape = property(lambda self: (3, 1))\n    equals = __eq__ = lambda self, other: True")),
    Kind("a table of a milliard rows", table("return pd.DataFrame(index=range(10 ** 9))")),
    Kind("a table of a million columns", table("return pd.DataFrame([[0] * 10 ** 6])")),
    Kind("an index of a thousand levels", table("return pd.DataFrame({'price': [1.0, 2.0, 3.0]}, index=pd.MultiIndex.from_arrays([[1, 2, 3]] * 999))")),
    Kind("pandas that is none", table("return pd.DataFrame()", "import sys, types\nfake = types.ModuleType('pandas')\nfake.DataFrame = fake.Series = fake.Index = object\npd = sys.modules['pandas'] = fake")),
    Kind("a table that is forged", table("column = {'kind': 'texts', 'joined': '', 'lengths': 5}\n    forge('means', frame={'columns': [column], 'index': [column], 'data': [column]})\n    forge('column', series={'index': [], 'values': {'kind': ['texts']}})\n    raise SystemExit", _FORGE)),
    Kind("a cell that holds a table", table("return pd.DataFrame({'price': [pd.DataFrame({'price': prices})] * 3}, index=list('abc'))")),
    # -- plots
    Kind("a plot of its inputs", plot("ax.plot(x, x)\n    ax.set_xlabel('time')")),
    Kind("a right line that cannot be seen", plot("ax.plot(x, x ** 2, visible=False)\n    ax.plot(x, x)\n    ax.set_xlabel('time')")),
    Kind("a right line among many", plot("for k in range(50): ax.plot(x, x ** (k / 10))\n    ax.set_xlabel('time')")),
    Kind("a line that says it is right", plot("line, = ax.plot(x, x)\n    line.get_ydata = lambda *a, **k: x ** 2\n    ax.set_xlabel('time')")),
    Kind("no line and much else", plot("ax.set_xlabel('time')\n    ax.axhline(3)\n    ax.text(0, 0, 'x ** 2')")),
    Kind("a plot that is forged", plot("forge('a plot', drawn={'lines': {'list': [{'dict': [['x', {'none': True}], ['y', {'none': True}], ['label', {'text': ''}]]}]}, 'xlabel': {'text': 'time'}, 'bars': {'array': 7}})\n    raise SystemExit", _FORGE)),
    Kind("axes that are none", plot("import matplotlib.axes\n    matplotlib.axes.Axes = type('Axes', (), {})")),
    Kind("a line without end", plot("ax.plot(np.arange(10 ** 6))\n    ax.set_xlabel('time')")),
]  # fmt: skip
