"""An old notebook comes out as it was, with ids; what is none says so in a sentence."""

import json

import nbformat
import pytest
from public_courses import OLD, code, graded, md, notebook, solution

from coursegrader.authoring.adopting.plan import _missing, plan_notebook
from coursegrader.authoring.adopting.upgrade import upgrade
from coursegrader.course.markers import DEFAULT
from coursegrader.errors import AuthoringError

FIRST = OLD.files["source/ps1/first.ipynb"]


def text(*cells, **more) -> str:
    return json.dumps(notebook(*cells, **more))


@pytest.mark.parametrize("minor", range(5))
def test_a_notebook_of_any_old_format_keeps_its_cells_and_gets_ids_that_never_change(minor):
    old = json.dumps({**FIRST, "nbformat_minor": minor})
    nb, changes = upgrade(old, "first.ipynb")
    nbformat.validate(nb)
    assert [cell.source for cell in nb.cells] == [cell["source"] for cell in FIRST["cells"]]
    assert [cell.id for cell in nb.cells if "nbgrader" in cell.metadata] == [
        "add",
        "test_add",
        "greet",
        "test_greet",
        "why",
    ]
    assert len({cell.id for cell in nb.cells}) == len(nb.cells)
    assert nb == upgrade(old, "first.ipynb")[0]
    assert "brought to notebook format 4.5, with an id for each cell" in changes
    assert upgrade(nbformat.writes(nb), "first.ipynb") == (nb, [])


def test_cells_that_say_the_same_get_ids_of_their_own():
    nb, _ = upgrade(text(md("---"), md("---"), md("---")), "a.ipynb")
    other, _ = upgrade(text(md("---")), "header.ipynb")
    assert len({cell.id for cell in [*nb.cells, *other.cells]}) == 4


def test_ids_that_are_there_stay_and_those_that_are_there_twice_do_not():
    cells = [{**md("a"), "id": "mine"}, {**md("b"), "id": "mine"}, {**md("c"), "id": "not one!"}]
    nb, _ = upgrade(text(*cells, minor=5), "a.ipynb")
    assert nb.cells[0].id == "mine"
    assert len({cell.id for cell in nb.cells}) == 3
    nbformat.validate(nb)


def test_a_grade_id_that_can_be_no_id_is_kept_as_grade_id():
    nb, _ = upgrade(text(solution("a" * 70, "x = 1")), "a.ipynb")
    assert nb.cells[0].metadata.nbgrader.grade_id == "a" * 70
    nbformat.validate(nb)


def test_a_notebook_of_format_3_is_read_too():
    cell = {
        "cell_type": "code",
        "input": "x = 1",
        "language": "python",
        "outputs": [],
        "collapsed": False,
        "metadata": {},
    }
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": [cell], "metadata": {}}],
    }
    nb, _ = upgrade(json.dumps(old), "a.ipynb")
    assert [c.source for c in nb.cells] == ["x = 1"]


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"nbformat": 4}', '{"nbformat": 9, "cells": []}', "null", '"text"'])
def test_what_is_no_notebook_is_named_with_the_next_step(broken):
    with pytest.raises(AuthoringError, match=r"^ps1/a\.ipynb: can.*; (restore|open) it") as error:
        upgrade(broken, "ps1/a.ipynb")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("language", ["R", "julia", "c++17"])
def test_a_kernel_that_is_not_python_is_named(language):
    data = notebook(md("a"))
    data["metadata"] = {"kernelspec": {"name": "x", "display_name": "X", "language": language}}
    with pytest.raises(
        AuthoringError, match=rf"^a\.ipynb: its kernel runs {language.replace('+', '.')}, and only Python"
    ):
        upgrade(json.dumps(data), "a.ipynb")


def test_metadata_of_nbgraders_that_cannot_be_upgraded_is_named_with_its_cell():
    bad = graded("test_x", "assert x", schema=3)
    del bad["metadata"]["nbgrader"]["grade"]
    with pytest.raises(AuthoringError, match=r"^a\.ipynb, test_x: nbgrader's metadata cannot be upgraded"):
        upgrade(text(bad), "a.ipynb")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("### BEGIN HIDDEN TESTS\nassert f(1)", "'BEGIN HIDDEN TESTS' has no end"),
        ("assert f(1)\n### END HIDDEN TESTS", "'### END HIDDEN TESTS' has no partner"),
        ("### BEGIN HIDDEN TESTS\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS", "no partner"),
        ("### AUTOTEST f(1)", "write them as assertions"),
        ("import no_such_library_anywhere.part as n", "no_such_library_anywhere, which is not installed"),
    ],
)
def test_what_stands_against_an_adoption_is_one_sentence_each(tmp_path, source, said):
    found, problems = plan_notebook(tmp_path / "a.ipynb", text(graded("test_f", source)), DEFAULT, [])
    assert found is None
    (problem,) = problems
    assert said in problem


def test_a_library_is_missed_only_where_its_import_must_succeed():
    sources = [
        "import os, here",
        "try:\n    import maybe\nexcept ImportError:\n    maybe = None",
        "def f():\n    import later",
    ]
    nb = nbformat.from_dict(
        notebook(*map(code, sources), code("%pip install x\nfrom . import y\nfrom gone.part import z"))
    )
    (problem,) = _missing(nb, "a.ipynb", {"here"}, there=lambda name: False)
    assert "imports gone," in problem
