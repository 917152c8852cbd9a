"""An assertion becomes the value it asks for, with its own tolerances; what cannot become one says why and stays."""

import pytest

from coursegrader.authoring.adopting.evidence import COULD, FORGEABLE, HAS, report
from coursegrader.course.markers import DEFAULT, split_hidden

MADE = {"f", "g", "answer", "Stack"}


def asked(source: str, made=MADE):
    return report("book, cell", source, 1.0, made, DEFAULT)


def emitted(source: str) -> list[str]:
    """Return the calls of evidence in a cell's new region."""
    region = split_hidden(asked(source).source)[1] or ""
    return [line.strip() for line in region.splitlines() if "evidence(" in line]


@pytest.mark.parametrize(
    ("assertion", "terms"),
    [
        ("assert f(3) == 9", "judge='equal'"),
        ("assert 9 == f(3)", "judge='equal'"),
        ("assert answer is None", "judge='equal'"),
        ("assert (f(x) == [1, 2]).all()", "judge='equal'"),
        ("assert np.all(f(x) == 3), 'all of them'", "judge='equal'"),
        ("assert np.array_equal(f(x), [1])", "judge='equal'"),
        ("assert torch.equal(f(x), y)", "judge='equal'"),
        ("assert table.equals(f(x))", "judge='equal'"),
        ("assert len(f(x)) == 3", "judge='equal'"),
        ("assert_equal(f(3), 9)", "judge='equal'"),
        ("np.testing.assert_array_equal(f(x), y, err_msg='no')", "judge='equal'"),
        ("assert abs(f(2) - 3.5) < 1e-3", "atol=0.001, rtol=0.0"),
        ("assert 0.5 >= abs(3.5 - f(2))", "atol=0.5, rtol=0.0"),
        ("assert abs(f(2) - 3.5) < 10 ** -3", "atol=0.001, rtol=0.0"),
        ("assert np.abs(f(x) - y).max() < 0.25", "atol=0.25, rtol=0.0"),
        ("assert np.max(np.abs(f(x) - y)) < 0.25", "atol=0.25, rtol=0.0"),
        ("assert np.allclose(f(x), y)", "atol=1e-08, rtol=1e-05"),
        ("assert np.allclose(f(x), y, 0.1, 0.2)", "atol=0.2, rtol=0.1"),
        ("assert np.isclose(y, f(x), atol=0.5)", "atol=0.5, rtol=1e-05"),
        ("np.testing.assert_allclose(f(x), y)", "atol=0.0, rtol=1e-07"),
        ("np.testing.assert_allclose(actual=1, desired=2)", None),
        ("np.testing.assert_allclose(f(x), y, rtol=1e-3)", "atol=0.0, rtol=0.001"),
        ("np.testing.assert_array_almost_equal(f(x), y, decimal=2)", "atol=0.015, rtol=0.0"),
        ("assert_almost_equal(f(x), 1, places=2)", "atol=0.005, rtol=0.0"),
        ("pd.testing.assert_frame_equal(f(x), y)", "atol=1e-08, rtol=1e-05"),
        ("torch.testing.assert_close(f(x), y)", "atol=1e-05, rtol=1.3e-06"),
    ],
)
def test_the_terms_of_an_assertion_are_those_that_its_library_documents(assertion, terms):
    calls = emitted(assertion)
    if terms is None:
        assert calls == []
    else:
        (call,) = calls
        assert terms in call


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("assert f(1) == g(1)", "both sides come from the student's code"),
        ("assert 1 == 1", "nothing in it comes from the student's code"),
        ("assert f(1)", "no comparison|yes or no"),
        ("assert f(1) > 3", "yes or no"),
        ("assert 'a' in f(1)", "yes or no"),
        ("assert isinstance(f(1), int)", "yes or no"),
        ("assert not f(1)", "yes or no"),
        ("assert 1 < f(1) < 3", "yes or no"),
        ("assert abs(f(1) - 2) < limit", "yes or no"),
        ("np.testing.assert_allclose(f(x), y, rtol=limit)", "nothing is known of rtol=limit"),
        ("assert_something(f(x), y)", "nothing is known of assert_something"),
        ("try:\n    f(0)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError", "raised"),
        ("with pytest.raises(ValueError):\n    f(0)", "raised"),
        ("def test_it():\n    assert f(1) == 2\ntest_it()", "function of the test's own"),
        ("if f(1) != 2:\n    raise AssertionError", "yes or no"),
        ("assert f(1) == 2; assert f(2) == 3", "shares its line"),
        ("x = np.random.rand(3)\nassert f(x) == x.sum()", "draws by chance"),
        ("%matplotlib inline\nassert f(1) == 2", "not plain Python"),
        ("score = f(1)\nscore", "partial credit"),
        ("2.5", "partial credit"),
        ("f(3)", "asserts nothing"),
        ("", "asserts nothing"),
    ],
)
def test_what_cannot_become_evidence_says_why(source, reason):
    found = asked(source)
    assert (found.kind, found.source) == (FORGEABLE, "")
    import re

    assert re.search(reason, " ".join(found.reasons))


def test_a_cell_with_evidence_is_left_alone():
    source = (
        "### BEGIN HIDDEN TESTS\nfrom coursegrader.evidence import evidence\nevidence('a', f(1))\n### END HIDDEN TESTS"
    )
    assert asked(source).kind == HAS
    assert asked(asked("assert f(1) == 2").source).kind == HAS


def test_what_students_see_is_kept_to_the_letter_and_the_region_runs_all_of_it():
    source = (
        "x = 2  # a number\nassert f(x) == 4, 'twice'\n### BEGIN HIDDEN TESTS\nassert f(9) == 18\n### END HIDDEN TESTS"
    )
    found = asked(source)
    visible, hidden = split_hidden(found.source)
    assert visible == "x = 2  # a number\nassert f(x) == 4, 'twice'"
    ran = []
    exec(
        "\n".join((hidden or "").splitlines()[1:]),
        {"f": lambda x: 2 * x, "evidence": lambda name, value, **terms: ran.append((name, value, terms.get("label")))},
    )
    assert ran == [("value 1", 4, "f(x)"), ("value 2", 18, None)]  # a hidden input is no label


@pytest.mark.parametrize("wrong", ["assert isinstance(f(1), str)", "assert f(1) > 5", "raise ValueError"])
@pytest.mark.parametrize("first", [True, False])
def test_an_assertion_that_stays_still_stops_the_region_before_all_values_are_out(wrong, first):
    kept = ["assert f(1) == 1", "assert f(2) == 2"]
    source = "\n".join([wrong, *kept] if first else [*kept, wrong])
    region = (split_hidden(asked(source).source)[1] or "").splitlines()[1:]
    ran = []
    with pytest.raises((AssertionError, ValueError)):
        exec("\n".join(region), {"f": lambda x: x, "evidence": lambda name, *_, **__: ran.append(name)})
    assert "value 2" not in ran


def test_an_assertion_in_a_loop_becomes_the_list_of_its_values():
    source = "for n in range(3):\n    if n:\n        assert f(n) == n * n"
    found = asked(source)
    ran = []
    exec(
        "\n".join((split_hidden(found.source)[1] or "").splitlines()[1:]),
        {"f": lambda n: n * n, "evidence": lambda name, value, **terms: ran.append((name, value))},
    )
    assert (found.kind, ran) == (COULD, [("value 1", [1, 4])])


def test_values_that_come_from_the_student_are_followed_through_the_tests_own_names():
    assert asked("got = f(1)\ntwice = [got, got]\nassert twice == [2, 2]").kind == COULD
    assert asked("stack = Stack()\nstack.push(1)\nassert stack.size == 1").kind == COULD
    assert asked("box = {}\nbox['a'] = f(1)\nassert box == {'a': 1}").kind == COULD
    assert asked("expected = 2\nassert expected == 2").kind == FORGEABLE


# -- what student code could read where it is tested --------------------------------------------------------------------


def region_of(hidden: str, visible: str = "", elsewhere=()) -> str:
    """Return the new region of a cell without the lines that every one has."""
    source = f"{visible}### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    region = split_hidden(report("book, cell", source, 1.0, MADE, DEFAULT, elsewhere).source)[1] or ""
    return "\n".join(line for line in region.split("\n") if "evidence" not in line)


@pytest.mark.parametrize(
    ("hidden", "left"),
    [
        ("def ref(x):\n    return 2 * x\nassert f(3) == ref(3)\nassert f(4) == 8", "value_2 = f(4)"),
        ("class Ref:\n    x = 5\nassert f(3) == Ref.x", "value_1 = f(3)"),
        ("want = [1, 4]\nassert f(3) == want", "value_1 = f(3)"),
        ("a, b = 1, 2\nassert f(3) == a + b", "value_1 = f(3)"),
        ("def deeper(x):\n    return x\ndef ref(x):\n    return deeper(x)\nassert f(3) == ref(3)", "value_1 = f(3)"),
        ("for a, b in [(1, 2), (3, 4)]:\n    assert f(a) == b", "for a in [1, 3]:\n    value_1.append(f(a))"),
        ("for a, b in ([1, 2], [3, 4]):\n    assert f(b) == a", "for b in [2, 4]:\n    value_1.append(f(b))"),
        ("for a, b, c in [(1, 2, 3)]:\n    assert f(a, c) == b", "for a, c in [(1, 3)]:\n    value_1.append(f(a, c))"),
        ("cases = [(1, 2)]\nfor a, b in cases:\n    assert f(a) == b", "for a in [1]:\n    value_1.append(f(a))"),
        ("for a, b in zip(range(2), [3, 4]):\n    assert f(a) == b", "for a in range(2):\n    value_1.append(f(a))"),
        ("table = {1: 2}\nfor k, v in table.items():\n    assert f(k) == v", "for k in [1]:\n    value_1.append(f(k))"),
        ("for k, v in {1: 2}.items():\n    assert f(v) == k", "for v in [2]:\n    value_1.append(f(v))"),
        ("assert [f(x) for x, y in [(1, 2)]] == [2]", "value_1 = [f(x) for x in [1]]"),
    ],
)  # fmt: skip
def test_what_only_said_what_to_expect_is_no_longer_there(hidden, left):
    assert region_of(hidden).removeprefix("value_1 = []\n") == left


@pytest.mark.parametrize(
    ("hidden", "stays"),
    [
        ("ask = g(1)\nassert f(3) == 4", "ask = g(1)"),  # it may raise
        ("import math\nassert f(3) == 4", "import math"),
        ("np.random.seed(1)\nassert f(3) == 4", "np.random.seed(1)"),
        ("x = 3\nassert f(x) == 4", "x = 3"),
        ("x = 3\nassert f(2) > x\nassert f(1) == 4", "x = 3"),
        ("for a, b in cases():\n    assert f(a) == b", "for a, b in cases():"),
        ("for a, b in zip([1], [2], strict=True):\n    assert f(a, b) == 3", "for a, b in zip([1], [2], strict=True):"),
        ("for a, b in [(1, 2), *more]:\n    assert f(a) == b", "for a, b in [(1, 2), *more]:"),
        ("x = 1; y = 2\nassert f(x) == 4", "x = 1; y = 2"),
    ],
)
def test_what_a_region_needs_stays_as_it_is_written(hidden, stays):
    assert stays in region_of(hidden)


def test_what_another_cell_uses_or_students_see_stays():
    assert "want = 4" in region_of("want = 4\nassert f(3) == want", elsewhere={"want"})
    seen = "want = 4\nassert f(3) == want\n"
    assert "want = 4" in asked(seen).source.split("### BEGIN")[1]
