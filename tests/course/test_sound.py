"""An instructor's notebook that is not whole, or marked as nbgrader cannot read it, is refused with notebook and cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.nbgraderformat import MetadataValidator, ValidationError
from small_course import canonical, cell

from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.course.sound import read_source
from coursegrader.errors import FAILED, AuthoringError

GONE = object()  # a value that is taken out
BOOK = "source/week/1_numbers.ipynb"
IN_SIDEBAR = "in nbgrader's sidebar"


def edit(course: Course, cell_id: str, space: str = "nbgrader", **values: Any) -> None:
    """Change what the metadata of one cell says, in the file and by no library that would mend it."""
    path = course.root / BOOK
    data = json.loads(path.read_text())
    marks = next(cell for cell in data["cells"] if cell["id"] == cell_id)["metadata"].setdefault(space, {})
    marks.update({key: value for key, value in values.items() if value is not GONE})
    for key in [key for key, value in values.items() if value is GONE]:
        marks.pop(key, None)
    path.write_text(json.dumps(data))


def refused(course: Course, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the sentence in which a command ends, without the name of the course's folder."""
    capsys.readouterr()
    assert main(["--course", str(course.root), *words]) == FAILED
    told = capsys.readouterr()
    assert told.out == ""
    return told.err.replace(f"{course.root}/", "").strip()


SLIPS: dict[str, tuple[str, dict[str, Any], str]] = {
    "no points": ("test_double", {"points": GONE}, "cell 4 (test_double): is graded and has no points"),
    "points of a task": ("q_why", {"points": GONE}, "cell 8 (q_why): is graded and has no points"),
    "negative": ("test_double", {"points": -2}, "cell 4 (test_double): its points are -2 and have to be a number"),
    "text": ("test_double", {"points": "2"}, 'cell 4 (test_double): its points are "2" and'),
    "nan": ("test_double", {"points": float("nan")}, "cell 4 (test_double): its points are NaN and"),
    "endless": ("q_why", {"points": float("inf")}, "cell 8 (q_why): its points are Infinity and"),
    "null": ("test_double", {"points": None}, "cell 4 (test_double): its points are null and"),
    "no grade_id": ("double", {"grade_id": GONE}, "cell 3 (double): has no grade_id"),
    "empty": ("q_why", {"grade_id": "", "locked": False}, "cell 8 (q_why): has no grade_id"),
    "a number": ("test_double", {"grade_id": 7}, "cell 4 (test_double): its grade_id 7 has to be a text of plain"),
    "umlaut": ("test_double", {"grade_id": "tést"}, 'cell 4 (tést): its grade_id "tést" has to be a text of plain'),
    "line": ("setup", {"grade_id": "setup\n"}, 'cell 2 (setup): its grade_id "setup\\n" has to be a text of plain'),
    "shared": ("best", {"grade_id": "double"}, "cell 3 (double) and cell 6: share the grade_id 'double'"),
    "of a task": ("q_why", {"grade_id": "best"}, "cell 6 (best) and cell 8: share the grade_id 'best'"),
    "old": ("test_double", {"schema_version": 2}, f"is of schema 2, and this nbgrader reads 3; run `nbgrader update {BOOK}`"),
    "older": ("double", {"schema_version": GONE}, f"is of schema 0, and this nbgrader reads 3; run `nbgrader update {BOOK}`"),
    "new": ("test_double", {"schema_version": 4}, "is of schema 4, and this nbgrader reads 3 at most; install a newer"),
    "version": ("test_double", {"schema_version": "3"}, 'cell 4 (test_double): its schema_version is "3"; it has to be 3'),
    "task, grade": ("q_why", {"grade": True}, "cell 8 (q_why): is marked as graded and a task at once; choose one"),
    "task, solution": ("q_how", {"solution": True}, "cell 10 (q_how): is marked as a solution and a task at once"),
    "task of code": ("test_best", {"task": True, "grade": False}, "cell 7 (test_best): is marked as a task, and a task is"),
    "no flag": ("setup", {"locked": GONE}, "cell 2 (setup): its nbgrader metadata has no `locked`; mark the cell anew"),
    "flag": ("setup", {"grade": "false"}, 'cell 2 (setup): `grade` is "false" and has to be true or false'),
    "stranger": ("double", {"group": 1}, "cell 3 (double): nbgrader knows no metadata 'group'; take it out"),
    "checksum": ("double", {"checksum": "1"}, 'cell 3 (double): "1" is no checksum; take it out'),
    "cell_type": ("double", {"cell_type": "text"}, 'cell 3 (double): "text" is no type of a cell; take `cell_type` out'),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_mismarked_cell_is_named_with_its_notebook_and_what_to_do(
    course: Course, slip: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, values, sentence = SLIPS[slip]
    edit(course, name, **values)
    said = refused(course, capsys, "release", "--check")
    assert said.startswith(f"coursegrader release: {BOOK}, cell ")
    assert sentence in said
    assert "\n" not in said


def test_every_command_that_needs_the_notebook_says_the_same(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--course", str(course.root), "demo"]) == 0
    edit(course, "test_double", points="two")
    sentence = (
        f'{BOOK}, cell 4 (test_double): its points are "two" and have to be a number, 0 or more; set them {IN_SIDEBAR}'
    )
    for words in (["release", "--check"], ["release"], ["check"], ["autograde", "--jobs", "1"], ["demo"]):
        assert refused(course, capsys, *words) == f"coursegrader {words[0]}: {sentence}"


@pytest.mark.parametrize("space", ["nbgrader", "coursegrader"])
@pytest.mark.parametrize("value", [[], "bonus", None, 3])
def test_metadata_that_is_no_table_is_shown(
    course: Course, space: str, value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    path = course.root / BOOK
    data = json.loads(path.read_text())
    data["cells"][3]["metadata"][space] = value
    path.write_text(json.dumps(data))
    said = refused(course, capsys, "release", "--check")
    assert f"{BOOK}, cell 4 (test_double): its {space} metadata is {json.dumps(value)}, and has to be a table" in said


@pytest.mark.parametrize(
    ("key", "value"), [("metadata", []), ("metadata", GONE), ("source", 3), ("cell_type", "heading"), ("source", [1])]
)
def test_what_is_no_cell_is_named(course: Course, key: str, value: object, capsys: pytest.CaptureFixture[str]) -> None:
    path = course.root / BOOK
    data = json.loads(path.read_text())
    data["cells"][3].pop(key)
    data["cells"][3].update({} if value is GONE else {key: value})
    path.write_text(json.dumps(data))
    said = refused(course, capsys, "release", "--check")
    assert f"{BOOK}, cell 4 (test_double): its metadata, its source or its type is missing or none" in said


@pytest.mark.parametrize("kind", ["raw", "markdown"])
@pytest.mark.parametrize("name", ["test_double", "double"])
def test_a_cell_of_a_type_that_cannot_be_graded_is_named(
    course: Course, kind: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = course.root / BOOK
    nb = nbformat.read(path, as_version=4)
    for one in nb.cells:
        if one.id == name:
            one.cell_type = kind
            del one["outputs"], one["execution_count"]
    nbformat.write(nb, path)
    called = {"raw": "is a raw cell and marked as", "markdown": "is a Markdown cell and marked as"}
    assert f"({name}): {called[kind]}" in refused(course, capsys, "release", "--check")


def test_at_most_five_cells_are_told_at_once(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("double", "test_double", "best", "test_best", "triple", "test_triple", "setup"):
        edit(course, name, grade_id=f"{name}!")
    lines = refused(course, capsys, "release", "--check").splitlines()
    assert [line.count("has to be a text") for line in lines] == [1, 1, 1, 1, 1, 0]
    assert lines[-1] == "  and 2 more"


def test_two_cells_of_one_id_are_named_also_where_nbformat_would_give_them_others(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    path = course.root / BOOK
    path.write_text(path.read_text().replace('"id": "end"', '"id": "title"'))
    said = refused(course, capsys, "release", "--check")
    assert f"{BOOK}, cell 1 (title) and cell 15: share the id 'title'; give one of them another id" in said


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"answers": "q_whi"}, "is for answers to 'q_whi', and no task is called that; name one of q_why, q_how"),
        ({"answers": ["q_why"]}, '`answers` in its coursegrader metadata is ["q_why"]; make it the grade_id of a task'),
        ({"optional": "yes"}, '`optional` in its coursegrader metadata is "yes"; make it true or false'),
        ({"all_or_nothing": 1}, "`all_or_nothing` in its coursegrader metadata is 1; make it true or false"),
    ],
)
def test_our_own_metadata_is_looked_at_too(
    course: Course, values: dict[str, Any], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(course, "q_why_answer", "coursegrader", **values)
    assert f"{BOOK}, cell 9 (q_why_answer): {sentence}" in refused(course, capsys, "release", "--check")


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(-1, 4), st.floats(), st.text(max_size=3), st.just([]))
FLAG = st.one_of(st.booleans(), ANYTHING)
MARKS = st.fixed_dictionaries(
    {},
    optional={
        "grade": FLAG,
        "solution": FLAG,
        "locked": FLAG,
        "task": FLAG,
        "grade_id": st.one_of(st.sampled_from(["a", "b-2", "", "ä", "a b"]), ANYTHING),
        "points": st.one_of(st.integers(0, 3), ANYTHING),
        "schema_version": st.one_of(st.just(3), ANYTHING),
        "cell_type": st.one_of(st.sampled_from(["code", "raw"]), ANYTHING),
        "checksum": st.one_of(st.just("0" * 32), ANYTHING),
        "more": ANYTHING,
    },
)


@given(marks=st.one_of(MARKS, ANYTHING), kind=st.sampled_from(["code", "markdown", "raw"]), twice=st.booleans())
def test_whatever_nbgrader_refuses_is_refused_before_it_gets_there(marks: Any, kind: str, twice: bool) -> None:
    cells = [{"cell_type": kind, "id": "one", "metadata": {"nbgrader": marks}, "source": "x"}]
    cells += [{**cells[0], "id": "two"}] if twice else []
    for one in cells if kind == "code" else []:
        one |= {"outputs": [], "execution_count": None}
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    try:
        MetadataValidator().validate_nb(nbformat.v4.reads(text))
    except Exception:
        with pytest.raises(AuthoringError, match=r"^book\.ipynb, cell 1"):
            read_source(Path("book.ipynb"), text.encode(), {})
    else:
        for said in refusals(text):
            assert any(why in said for why in BEYOND), said


#: What nbgrader's own look at a notebook passes over, and its gradebook, its next step or a grading does not.
BEYOND = ("its points are", "has no points", "is a raw cell", "at once", "has no grade_id", "share the grade_id")


def refusals(text: str) -> list[str]:
    """Return what is said about a notebook, if anything is."""
    try:
        read_source(Path("book.ipynb"), text.encode(), {})
    except AuthoringError as error:
        return str(error).splitlines()
    return []


def test_nbgraders_validator_is_the_one_that_is_gone_beyond() -> None:
    wrong = canonical([cell("test", "test", "pass")])
    with pytest.raises(ValidationError, match="does not have points"):
        MetadataValidator().validate_nb(wrong)


def replace(course: Course, cell_id: str, old: str, new: str) -> None:
    """Change the source of one cell."""
    path = course.root / BOOK
    data = json.loads(path.read_text())
    one = next(cell for cell in data["cells"] if cell["id"] == cell_id)
    source = "".join(one["source"])
    assert old in source
    one["source"] = source.replace(old, new, 1)
    path.write_text(json.dumps(data))


SOLUTION = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n"
HIDDEN = "### BEGIN HIDDEN TESTS\nassert True\n### END HIDDEN TESTS\n"
SCHEME = "=== BEGIN MARK SCHEME ===\none point\n=== END MARK SCHEME ===\n"


@pytest.mark.parametrize("command", [("demo",), ("check",), ("release",), ("release", "--check")])
@pytest.mark.parametrize(
    ("cell_id", "old", "new", "place", "said"),
    [
        ("double", "### END SOLUTION", "", "cell 3 (double)", "ClearSolutions says: no end solution statement found"),
        ("double", "### BEGIN SOLUTION", "### BEGIN SOLUTION\n### BEGIN SOLUTION", "cell 3 (double)", "nested begin"),
        ("setup", "", SOLUTION, "cell 2 (setup)", "Solution region detected in a non-solution cell"),
        ("double", "", HIDDEN, "cell 3 (double)", "Hidden test region detected in a non-grade cell"),
        ("setup", "", SCHEME, "cell 2 (setup)", "ClearMarkScheme says: Mark scheme region detected"),
    ],
)
def test_a_cell_that_nbgrader_stumbles_over_is_named(
    course: Course, capsys: pytest.CaptureFixture[str], cell_id, old, new, place, said, command
) -> None:
    replace(course, cell_id, old, new)
    sentence = refused(course, capsys, *command)
    assert f"{BOOK}, {place}: nbgrader's " in sentence
    assert said in sentence
    assert "mend the source" in sentence
    assert "mistake of the program" not in sentence


@pytest.mark.parametrize("line", ["### AUTOTEST double(2)", "    # HASHED AUTOTEST double(2); double(3)"])
def test_a_test_that_nbgrader_would_write_by_running_the_notebook_is_named(
    course: Course, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    replace(course, "test_double", "", f"{line}\n")
    assert f"{BOOK}, cell 4 (test_double): has nbgrader write its test (AUTOTEST); write" in refused(
        course, capsys, "check"
    )


def test_the_word_in_an_answer_asks_for_nothing(course: Course) -> None:
    replace(course, "double", "### BEGIN SOLUTION", "### BEGIN SOLUTION\nword = 'AUTOTEST'")
    assert course.assignment("week").notebooks["1_numbers"].release.cells


def test_a_heading_with_the_word_asks_for_nothing(course: Course) -> None:
    replace(course, "title", "", "# AUTOTEST\n")
    assert course.assignment("week").notebooks["1_numbers"].release.cells
