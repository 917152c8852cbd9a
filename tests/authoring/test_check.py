"""`check` finds every way in which hidden tests can be too weak or too strict."""

from pathlib import Path

import nbformat
import pytest

from coursegrader.authoring.check import Check, check
from coursegrader.authoring.constants import constant_answers
from coursegrader.authoring.told import check_table
from coursegrader.course.course import Assignment
from coursegrader.grading.cache import Cache

THRICE = '"""You add x once too often."""\n# loses: test_double\ndef double(x):\n    return 3 * x\n'
LOOP = '"""Adds one at a time."""\ndef double(x):\n    return sum([x, x])\n'


def put(assignment: Assignment, kind: str, name: str, text: str) -> None:
    path = assignment.folder / kind / "1_numbers" / "double" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def checked(assignment: Assignment, tmp_path: Path, name: str = "1_numbers") -> Check:
    return check(assignment, "5", Cache(tmp_path / "cache"), 2, [name])


def problems(result: Check) -> dict[str, str]:
    return {f"{row.kind} {row.name}": row.problem for row in result.problems}


def test_a_caught_mistake_and_a_right_alternative_are_no_problem(assignment: Assignment, tmp_path: Path):
    put(assignment, "mistakes", "thrice", THRICE)
    put(assignment, "alternatives", "loop", LOOP)
    result = checked(assignment, tmp_path)
    rows = {row.name: row for row in result.rows if row.kind in ("mistake", "alternative")}
    assert rows["thrice"].lost == ["test_double"]
    assert rows["thrice"].points == 2
    assert rows["thrice"].named == ["thrice"]
    assert rows["loop"].lost == []
    assert not rows["thrice"].problem
    assert not rows["loop"].problem
    assert "1 of 1 lose exactly their points, 1 are named; alternatives: 1 of 1" in check_table(result)


def test_a_mistake_that_survives_is_a_problem(assignment: Assignment, tmp_path: Path):
    put(assignment, "mistakes", "no_mistake", THRICE.replace("3 * x", "2 * x"))
    assert "loses nothing, should lose test_double" in problems(checked(assignment, tmp_path))["mistake no_mistake"]


def test_a_right_answer_marked_down_is_a_problem(assignment: Assignment, tmp_path: Path):
    put(assignment, "alternatives", "wrong", LOOP.replace("[x, x]", "[x, x, x]"))
    assert "is right but loses test_double" in problems(checked(assignment, tmp_path))["alternative wrong"]


def test_a_mistakes_name_given_to_a_constant_answer_is_a_problem(assignment: Assignment, tmp_path: Path):
    put(assignment, "mistakes", "identity", THRICE.replace("3 * x", "x"))
    found = problems(checked(assignment, tmp_path))
    assert "is called identity" in found["constant returns-its-first-argument"]


def test_evidence_that_a_constant_passes_is_a_problem(assignment: Assignment, tmp_path: Path):
    path = assignment.folder / "2_words.ipynb"
    nb = nbformat.read(path, as_version=4)
    test = next(cell for cell in nb.cells if cell.id == "test_shout")
    test.source = test.source.replace('shout("quiet"), judge="equal"', 'shout("quiet") == "QUIET!"')
    nbformat.write(nb, path)
    found = problems(checked(Assignment(assignment.course, assignment.name), tmp_path, "2_words"))
    assert "is passed by True" in found["evidence shouted word"]


def test_a_grade_cell_without_evidence_is_reported_as_forgeable(assignment: Assignment, tmp_path: Path):
    path = assignment.folder / "2_words.ipynb"
    nb = nbformat.read(path, as_version=4)
    next(cell for cell in nb.cells if cell.id == "test_shout").source = 'assert shout("a") == "A!"'
    nbformat.write(nb, path)
    found = problems(checked(Assignment(assignment.course, assignment.name), tmp_path, "2_words"))
    assert "forged" in found["grade cell test_shout"]


def test_constant_answers_replace_every_function_and_nothing_else(assignment: Assignment):
    made = {(answer.cell, answer.slug): answer.source for answer in constant_answers(assignment.notebooks["1_numbers"])}
    assert made["double", "returns-its-first-argument"].rstrip().endswith("return x")
    assert {cell for cell, _ in made} == {"double", "triple"}


@pytest.mark.slow
def test_the_course_has_enough_mistakes_and_alternatives(real_course):
    from coursegrader.course.banks import bank

    assignment = real_course.assignment("rnn")
    assert sum(len(bank(assignment, "mistakes", name)) for name in assignment.notebooks) >= 60
    assert sum(len(bank(assignment, "alternatives", name)) for name in assignment.notebooks) >= 40


def test_points_that_nobody_can_earn_are_told(assignment: Assignment, tmp_path: Path):
    path = assignment.folder / "2_words.ipynb"
    nb = nbformat.read(path, as_version=4)
    next(cell for cell in nb.cells if cell.id == "shout").metadata.nbgrader.points = 2
    nbformat.write(nb, path)
    told = problems(checked(assignment.course.assignment("week"), tmp_path, "2_words"))
    assert told == {"points points": "has 2 points and is not graded, so nobody can earn them; set them on its tests"}
