"""What of a hidden region a student's kernel gets to see."""

from __future__ import annotations

import ast

import pytest
from course_harness import ROOT
from hostile import course as hostile_course

from coursegrader.course.course import Course
from coursegrader.course.region import asks_for_a_value, bound, lending, read_region


def hidden(source: str) -> str:
    """Return the hidden region of a cell."""
    return source.partition("### BEGIN HIDDEN TESTS\n")[2].partition("### END")[0]


def test_neither_tolerances_nor_targets_nor_comments_are_left():
    seen = read_region(hidden(hostile_course.TEST_FIT) + "\n# a note to colleagues: the answer is 42").told
    for word in ("target", "lambda", "0.0123", "weight", "judge", "42"):
        assert word not in seen
    assert "evidence('predictions', predict(secret_points))" in seen


def test_name_and_value_stay_also_as_keywords():
    assert read_region("evidence(name='a', value=f(x=1), atol=3)").told == "evidence(name='a', value=f(x=1))"
    assert read_region("ce.evidence('a', 1, rtol=3)").told == "ce.evidence('a', 1)"
    assert read_region("other('a', 1, rtol=3)").told == "other('a', 1, rtol=3)"


def test_what_python_cannot_parse_stays_as_it_is():
    assert read_region("%time evidence('a', 1)").told == "%time evidence('a', 1)"


@pytest.mark.parametrize("assignment", Course.open(ROOT).assignments())
def test_every_region_of_the_course_keeps_its_evidence(assignment: str):
    for notebook in Course.open(ROOT).assignment(assignment).notebooks.values():
        for cell in notebook.graded.values():
            if cell.hidden is not None:
                seen = read_region(cell.hidden).told
                assert _calls(seen) == _calls(cell.hidden) > 0, cell.grade_id
                assert "target=" not in seen


def _calls(source: str) -> int:
    return sum(
        isinstance(node, ast.Call) and ast.unparse(node.func) == "evidence" for node in ast.walk(ast.parse(source))
    )


@pytest.mark.parametrize(
    "region",
    [
        "evidence('seconds', float(seconds))",
        "evidence('words', ' '.join(most_likely.lower().split()))",
        "def tidy(kept):\n    return sorted(kept)\nevidence('kept', tidy(kept))",
        "import numpy as np\nevidence('filter', np.asarray(filter_b.detach(), dtype=float))",
    ],
)
def test_a_region_that_hands_no_input_to_the_students_code_asks_for_a_value(region: str):
    assert asks_for_a_value(region)


@pytest.mark.parametrize(
    "region",
    [
        "evidence('double', double(3))",
        "evidence('forward', layers[0].forward(x=1))",
        "layer = Layer(3)\nevidence('state', layer(3))",
        "for f in (double,):\n    evidence('double', f(rng('x', 3).standard_normal(3)))",
        "%time evidence('a', seconds)",
    ],
)
def test_a_region_that_brings_its_own_inputs_does_not(region: str):
    assert not asks_for_a_value(region)


def test_answers_decide_what_they_bind_and_the_instructor_uses():
    cells = (
        ("import numpy as np\ndef count():\n    global calls\n    calls = 1\ncalls = 0", False),
        ("from math import floor as down\ndef f(x):\n    inner = 1\nclass C: pass\nfor i, (j, _) in []: k = 1\nunused = 1", True),
        ("f(np.ones(1), i, k, C, down)", False),
    )  # fmt: skip
    assert bound(cells) == ("C", "calls", "down", "f", "i", "k")


@pytest.mark.parametrize("answer", ["from numpy import *", "%%bash\nf = 1", "def f(:"])
def test_where_that_cannot_be_told_it_is_said(answer: str):
    assert bound((("f()", False), (answer, True))) is None


def test_a_line_in_ipythons_syntax_hides_nothing():
    given = ("%matplotlib inline\ncalls = 0\ndef oracle():\n    global calls\n    calls += 1\nf()", False)
    assert bound((given, ("%pip install x\nf = 1", True))) == ("calls", "f")
    assert bound((("%%time\ndef oracle():\n    global calls, more\ncalls, more", False), ("f = 1", True))) == (
        "calls",
        "more",
    )


@pytest.mark.parametrize(
    "answer",
    ["df['b'] = 1", "df.columns = []", "del df['a']", "df.rows[0].x += 1", "df.append(1)", "def f():\n    df.pop()"],
)
def test_answers_decide_what_they_change_in_place(answer: str):
    given = ("import numpy as np\nfrom m import other\ndf, kept = table(), 1", False)
    used = ("f(df, kept, np, other)", False)
    reads = "\nprint(kept.x, kept[0])\nnp.random.seed(0)\nother.x = 1\ny = kept.sum()"
    assert "df" in (bound((given, (answer + reads, True), used)) or ())
    assert {"kept", "np", "other"}.isdisjoint(bound((given, (answer + reads, True), used)) or ())


def test_a_region_lends_what_a_later_one_uses_and_does_not_bind():
    first, second = "def twice(f, v): return f(f(v))\nx = 1", "x = 2\nevidence('a', x)"
    third, fourth = "evidence('b', twice(g, 1))", "%time twice"
    assert lending((first, second, third)) == {first}
    assert lending((first, second)) == lending((third, first)) == frozenset()
    assert lending((fourth, first, fourth)) == {first}


@pytest.mark.parametrize(
    ("later", "lends"),
    [
        ("# twice as many\nevidence('twice', [twice.twice for _ in ()])", True),
        ("def f():\n    return twice(g)\nevidence('c', f())", True),
        ("class A:\n    b = twice", True),
        ("evidence('d', eval('twice(f, 1)'))", True),
        ("evidence('d', globals().get('twice'))", True),
        ("evidence('of twice', layer.twice(1), label='twice each')  # twice", False),
        ("def f(twice):\n    return twice(g)\nevidence('c', f(g))", False),
    ],
)
def test_a_name_is_lent_to_what_looks_it_up_and_not_to_a_word_like_it(later: str, lends: bool):
    first = "def twice(f, v): return f(f(v))"
    assert lending((first, later)) == ({first} if lends else frozenset())
