"""Small lies about a reference solution are made from its text alone, handed in, and told apart."""

from __future__ import annotations

import nbformat
import pytest
from small_course import canonical, cell

from coursegrader.authoring.check import check
from coursegrader.authoring.mutants.rules import mutants
from coursegrader.authoring.mutants.trial import Budget, Tried, questions, try_all
from coursegrader.authoring.told import check_table
from coursegrader.cli import main
from coursegrader.course.course import Assignment
from coursegrader.errors import AuthoringError, CourseGraderError
from coursegrader.grading.cache import Cache

COUNTED = '''\
import os


def weighted(numbers, factor=2.0):
    """Return the sum of some whole numbers, times a factor."""
    ### BEGIN SOLUTION
    os.kill(os.getpid(), 0)
    numbers = list(numbers)
    total, left = 0, len(numbers)
    while left > 0:
        left -= 1
        total = total + numbers[left]
    return factor * total
    ### END SOLUTION'''
TEST_COUNTED = """\
assert weighted([1, 2, 3], 1.0) == 6, "1 + 2 + 3 is 6"
### BEGIN HIDDEN TESTS
from coursegrader.evidence import evidence, rng
numbers = [int(n) for n in rng("weighted").integers(1, 1000, 7)]
evidence("weighted sum", weighted(numbers, 3.0), rtol=1e-9)
### END HIDDEN TESTS"""
ALL = Budget()


def after(source: str, kind: str = "") -> list[str]:
    """Return the changed lines, without the blanks before them."""
    return ["\n".join(m.after).strip() for m in mutants(source) if kind in ("", m.kind)]


# -- made from the text alone ---------------------------------------------------------------------------------------------


def test_a_small_line_is_changed_in_every_way_that_can_be_listed_by_hand():
    assert after("y = f(a, b=1)[2:] - x") == [
        "pass",
        "y = f(a, b=1)[2:] + x",
        "y = f(a, b=1)[2:]",
        "y = x",
        "y = x - f(a, b=1)[2:]",
        "y = f(a, b=1) - x",
        "y = f(a)[2:] - x",
        "y = a[2:] - x",
        "y = f(a, b=2)[2:] - x",
        "y = f(a, b=0)[2:] - x",
        "y = f(a, b=1)[:] - x",
        "y = f(a, b=1)[2::-1] - x",
        "y = f(a, b=1)[3:] - x",
        "y = f(a, b=1)[1:] - x",
        "y = f(a, b=1)[0:] - x",
    ]


@pytest.mark.parametrize(
    ("source", "kind", "expected"),
    [
        ("y = a * (b + c)", "operator", ["y = a / (b + c)", "y = a + (b + c)", "y = a * (b - c)"]),
        ("y = -x ** 2", "operator", ["y = x ** 2", "y = -(x * 2)"]),
        ("ok = a < b", "comparison", ["ok = a <= b", "ok = a >= b"]),
        ("ok = a and b", "operand", ["ok = a", "ok = b"]),
        ("y = x.sum(dim=-1)", "other axis", ["y = x.sum(dim=0)", "y = x.sum(dim=-2)"]),
        ("def f(x, k=1): return x", "default", ["def f(x, k=2): return x", "def f(x, k=0): return x"]),
        ("y = g(a, b)", "arguments", ["y = g(b, a)"]),
        ("y = x[i, 0]", "index", ["y = x[0, i]", "y = x"]),
        ("y = max(x)", "name", ["y = min(x)"]),
        ("y = h if c else 0", "branch", ["y = h", "y = 0"]),
        (
            "for i in x:\n    f(i)",
            "loop",
            ["for i in list(x)[1:]:", "for i in list(x)[:-1]:", "for i in list(x)[::-1]:"],
        ),
        (
            "import torch\ny = h + torch.ones(1)",
            "gradient",
            ["y = (h + torch.ones(1)).detach()"],
        ),
        ("y = [n for n in x if n]", "branch", ["y = [n for n in x if True]"]),
    ],
)
def test_each_kind_of_change_is_made(source: str, kind: str, expected: list[str]):
    assert after(source, kind) == expected


def test_an_array_of_the_caller_is_changed_after_its_use():
    (found,) = [m for m in mutants("def f(x):\n    return 2 * x\n") if m.kind == "in place"]
    given = __import__("numpy").array([1.0, 3.0])
    names: dict = {}
    exec(found.source, names)
    assert names["f"](given).tolist() == [2.0, 6.0]
    assert given.tolist() == [2.0, 6.0]


def test_texts_that_are_no_code_of_the_student_stay():
    source = 'def f(x: "list[int]") -> int:\n    """Add 1 + 1."""\n    return f"{x + 1} and 1"\n'
    assert {m.kind for m in mutants(source)} == {"in place"}


def test_every_mutant_is_python_differs_and_stands_where_it_says():
    source = COUNTED.replace("total", "Größe")
    found = mutants(source)
    assert len({m.source for m in found} | {source}) == len(found) + 1
    for mutant in found:
        compile(mutant.source, "mutant", "exec")
        lines = source.split("\n")
        lines[mutant.line - 1 : mutant.line - 1 + len(mutant.before)] = mutant.after
        assert "\n".join(lines) == mutant.source


def test_two_runs_make_the_same_and_what_is_not_plain_python_has_none():
    assert mutants(COUNTED) == mutants(COUNTED)
    assert mutants("%timeit f(x)\ny = 1") == []


# -- handed in ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def counted(assignment: Assignment) -> Assignment:
    """Return an assignment with one question about a loop."""
    for path in assignment.folder.glob("*.ipynb"):
        path.unlink()
    cells = [cell("solution", "weighted", COUNTED), cell("test", "test_weighted", TEST_COUNTED, 2)]
    nbformat.write(canonical(cells), assignment.folder / "loops.ipynb")
    return Assignment(assignment.course, assignment.name)


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("cache"))


def tried(assignment: Assignment, cache: Cache, budget: Budget = ALL) -> list[Tried]:
    return try_all(questions(assignment.notebooks["loops"], "5", cache), budget, 2)


def test_killed_equivalent_and_surviving_mutants_are_told_apart(counted: Assignment, cache: Cache):
    found = {mutant.diff.rpartition("\n")[2].strip("+ "): mutant for mutant in tried(counted, cache)}
    assert {mutant.verdict for mutant in found.values()} == {"killed", "equivalent", "survived"}
    # never asked for with its default: equal values prove nothing
    assert found["def weighted(numbers, factor=4.0):"].verdict == "survived"
    # the numbers are a list already
    assert found["numbers = numbers"].verdict == "equivalent"
    wrong = found["total = total - numbers[left]"]
    assert (wrong.verdict, wrong.lost, wrong.stopped) == ("killed", ["test_weighted"], True)
    # passes 1.0 * 6, so only the hidden test knows
    unseen = found["return total"]
    assert (unseen.verdict, unseen.stopped) == ("killed", False)
    # never ends, and kills its kernel: each is only a wrong answer
    assert found["left += 1"].verdict == "killed"
    assert found["os.kill(os.getpid(), 1)"].verdict == "killed"


def test_a_budget_ends_it_says_what_was_not_tried_and_is_spent_on_the_same_ones_again(counted, cache, tmp_path):
    few = tried(counted, cache, Budget(count=3))
    assert sum(mutant.verdict != "not tried" for mutant in few) == 3
    assert [m.verdict for m in tried(counted, Cache(tmp_path / "other"), Budget(count=3))] == [m.verdict for m in few]
    assert {mutant.verdict for mutant in tried(counted, cache, Budget(seconds=0.0))} == {"not tried"}


@pytest.mark.parametrize(
    ("text", "budget"),
    [("", Budget()), ("200", Budget(count=200)), ("90s", Budget(seconds=90)), ("10m", Budget(seconds=600))],
)
def test_a_budget_is_a_number_or_a_time(text: str, budget: Budget):
    assert Budget.read(text) == budget


@pytest.mark.parametrize("text", ["-3", "0", "many", "10h", "1.5", "s"])
def test_another_budget_is_refused_in_words(text: str):
    with pytest.raises(CourseGraderError, match=r"how many \(200\), or how long"):
        Budget.read(text)


def test_survivors_are_listed_and_can_be_argued(counted: Assignment, cache: Cache):
    weak = check(counted, "5", cache, 2, mutants=Budget())
    told = check_table(weak)
    survivor = "@@ loops/weighted default\n-def weighted(numbers, factor=2.0):\n+def weighted(numbers, factor=4.0):"
    assert survivor in told.partition("SURVIVED")[2]
    assert "+    return total" in told.partition("the visible tests let these pass")[2].partition("SURVIVED")[0]

    argued = "# The default is asked for nowhere, and need not be."
    everything = (
        f"@@ loops/weighted default\n{argued}\n\n@@ loops/weighted statement\n# Equivalent: kill 0 does nothing.\n"
    )
    stale = "@@ loops/weighted\n# Once it was so.\n-    return factor * total\n+    return total\n"
    (counted.folder / "argued.diff").write_text(everything + stale)
    found = check(counted, "5", cache, 2, mutants=Budget())
    notes = {(m.kind, m.verdict): m.note for m in found.mutants if m.note}
    assert notes == {
        ("default", "argued"): "The default is asked for nowhere, and need not be.",
        ("statement", "equivalent"): "Equivalent: kill 0 does nothing.",
    }
    assert [row.name for row in found.problems] == ["Once it was so."]


def test_an_argument_without_a_reason_is_refused(counted: Assignment, cache: Cache):
    (counted.folder / "argued.diff").write_text("@@ loops/weighted default\n")
    with pytest.raises(AuthoringError, match="loops/weighted needs a line `# why"):
        check(counted, "5", cache, 2, mutants=Budget(count=1))


def test_the_command_says_what_survives_and_takes_several_notebooks(counted: Assignment, capsys):
    root = str(counted.course.root)
    words = ["--course", root, "check", counted.name, "--notebook", "loops", "--notebook", "l*", "--jobs", "2"]
    assert main([*words, "--mutants", "2"]) in (0, 1)
    last = capsys.readouterr().out.splitlines()[-1]
    assert f"{len(mutants(COUNTED)) - 2} not tried" in last
    assert main([*words, "--mutants", "soon"]) == 2
    assert "write how many (200), or how long (90s, 10m)" in capsys.readouterr().err
