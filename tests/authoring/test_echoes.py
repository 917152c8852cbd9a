"""Evidence that needs no answer is found, whatever the region calls it, and evidence that does is left alone."""

from __future__ import annotations

import ast

import nbformat
import numpy as np
import pytest

from coursegrader.authoring.check import check
from coursegrader.authoring.echoes import Region, computed_alone, echoes
from coursegrader.course.cells import GradedCell
from coursegrader.course.course import Assignment
from coursegrader.evidence import encode, mse_below
from coursegrader.grading.cache import Cache
from coursegrader.judging.judges.expectations import expectations


def alone(region: str) -> list[str]:
    """Return the values that a region emits without the student."""
    return computed_alone(GradedCell("test_x", 1.0, False, False, "", region))


@pytest.mark.parametrize(
    "region",
    [
        "evidence('a', 3)",
        "x = rng('a', 3).standard_normal(3)\nevidence('a', x.sum())",
        "x = [1, 2]\nanswer(x)\ny = x\nz = [3]\nevidence('a', z)",
        "asked = set()\ndef f(p, asked=asked):\n    asked.add(p)\nanswer(f)\nevidence('a', len(asked))",
        "x = 3\nevidence(name='a', value=x)",
        "def own(x):\n    return 2 * x\nanswer(3)\nevidence('a', own(4))",
        "for x in (1, 2):\n    answer(x + 1)\nfor y in (1, 2):\n    evidence('a', y)",
    ],
)
def test_a_value_that_never_met_the_students_code_is_found(region: str):
    assert len(alone(region)) == 1


@pytest.mark.parametrize(
    "region",
    [
        "evidence('a', answer)",
        "evidence('a', answer(3))",
        "x = answer(3)\ny = x + 1\nz = [y]\nevidence('a', z[0])",
        "x = torch.ones(3, requires_grad=True)\nanswer(x).sum().backward()\nevidence('a', x.grad)",
        "used = []\nfor n in (1, 2):\n    used.append(answer(n))\nevidence('a', used)",
        "kept = {}\nkept['a'] = answer(1)\nevidence('a', kept)",
        "def run(n):\n    return answer(n)\ndef twice(n):\n    return run(run(n))\nevidence('a', twice(3))",
        "def tidy(kept):\n    evidence('a', sorted(kept))\ntidy(answer)",
        "for value in map(answer, [1, 2]):\n    evidence('a', value)",
        "with answer(3) as value:\n    evidence('a', value)",
        "evidence('a', [x for x in answer(3)])",
        "if (found := answer(3)) is not None:\n    evidence('a', found)",
        "RNNLayer = Stand_in = None\ntry:\n    evidence('a', Stack(3))\nfinally:\n    RNNLayer = None",
        "%time evidence('a', 3)",
    ],
)
def test_a_value_that_the_students_code_made_or_changed_is_not(region: str):
    assert alone(region) == []


def test_the_names_a_region_made_alone_are_told_from_the_students():
    region = Region(ast.parse("x = rng('a', 3)\ny = answer(x)\nz = x * 2\nw = y"))
    assert region.own - region.students == {"x", "z"}
    assert region.touched == {"x"}


def passed(value, held, target=None, **terms):
    """Return the formula that passes for one value, given what the region holds."""
    judge = terms.pop("terms", {"judge": "close"})
    record = {
        "name": "v",
        "value": encode(value),
        "terms": {**judge, "weight": 1.0, "atol": 1e-4, "rtol": 1e-4, **terms},
    }
    if target is not None:
        record["target"] = encode(target)
    spied = [{"name": f"v\x1f{key}", "value": encode(item)} for key, item in held.items()]
    return echoes(expectations([record], "here"), [{"name": "v", "value": encode(value)}, *spied]).get("v", "")


MATRIX = np.array([[0.5, -1.0], [2.0, 0.25]])


@pytest.mark.parametrize(
    ("value", "held", "formula"),
    [
        (MATRIX, {"w": MATRIX}, "w"),
        (MATRIX.T, {"w": MATRIX}, "w.T"),
        (-MATRIX, {"w": MATRIX}, "-w"),
        (np.tile(MATRIX, (2, 3)), {"w": MATRIX}, "tiles of w"),
        (2.0, {"w": MATRIX}, "maximum of w"),
        (1.75, {"w": MATRIX}, "sum of w"),
        (4, {"w": MATRIX}, "size of w"),
        ([[3, 1], [0, 2]], {"best": [3, 1], "found": [0, 2]}, "[best, found]"),
        ([[3, 1], [0, -2]], {"best": [3, 1], "found": [0, 2]}, "[best, -found]"),
        ([[3, 1], [0, 5]], {"best": [3, 1], "found": [0, 2]}, ""),
        ("the word", {"word": "the word"}, "word"),
        (["a", [1.0, 2.0]], {"both": ["a", [1.0, 2.0]]}, "both"),
        ("b", {"words": ["a", "b", [1.0]]}, "words[1]"),
        ([2.0, 4.0], {"x": [3.0, 4.0]}, ""),
        (MATRIX, {}, ""),
        (True, {"x": 1}, ""),
    ],
)
def test_what_a_region_knows_is_tried_as_it_is_and_in_simple_formulas(value, held, formula):
    assert passed(value, held) == formula


def test_targets_are_tried_where_the_judge_compares_with_targets():
    means = np.arange(12.0).reshape(6, 2)
    found = passed(means[4:] + 0.1, {"means": means}, target=means[4:], terms=mse_below(0.02))
    assert found == "the end of means"


def test_check_refuses_what_a_region_could_emit_alone(assignment: Assignment, tmp_path):
    path = assignment.folder / "2_words.ipynb"
    nb = nbformat.read(path, as_version=4)
    cell = next(cell for cell in nb.cells if cell.id == "test_shout")
    head, _, tail = cell.source.partition("evidence(")
    cell.source = (
        f"{head}given = 'QUIET!'\nlength = len(shout('quiet'))\nevidence('word', shout('quiet'), judge='equal')\n"
        f"evidence('nothing', 7)\nevidence('drawn', shout(str(rng('x').integers(10**9))))\n{tail[tail.index('### END') :]}"
    ).replace("import evidence", "import evidence, rng")
    nbformat.write(nb, path)
    found = check(Assignment(assignment.course, "week"), "5", Cache(tmp_path / "cache"), 1, ["2_words"])
    problems = {row.name: row.problem for row in found.problems if row.kind == "echo"}
    assert "given" in problems["word"]
    assert set(problems) == {"word", "7"}


def test_check_says_on_what_the_points_depend(assignment: Assignment, tmp_path):
    found = check(assignment, "5", Cache(tmp_path / "cache"), 1, ["1_numbers"]).summary()
    assert found["echoes"] == 0
    assert found["autograded_points"] == 2 + 1 + 4
    assert found["points_that_depend_on_the_seed"] == 2
    assert found["points_that_depend_on_what_was_made"] == 5
