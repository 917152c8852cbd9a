"""Whatever happened to a notebook, the answers in it are found, the locked cells are the instructor's, and each repair is said."""

from __future__ import annotations

import copy
import html
import json

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat.v4 import new_code_cell, new_markdown_cell

from coursegrader.errors import IngestError
from coursegrader.intake.pieces import Piece
from coursegrader.intake.reading.cells import parse
from coursegrader.intake.repair import asked_names, rebuild

ANSWERS = {
    "double": "def double(x):\n    return 2 * x",
    "best": "best = 40.0 + 1.5",
    "q_why_answer": "Because two times two is four.",
    "q_how_answer": "By counting: 1, 2, 3, 4.",
    "triple": "helper = 3\ndef triple(x):\n    return helper * x",
}
SHARED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def handed_in(notebook, answers=None) -> dict:
    """Return a submission as plain JSON: the release with answers filled in."""
    nb = json.loads(nbformat.writes(notebook.release))
    for cell in nb["cells"]:
        cell["source"] = (ANSWERS if answers is None else answers).get(cell["id"], "".join(cell["source"]))
    return nb


def by_id(nb) -> dict:
    """Return cells by id, as the rebuilt notebook or plain JSON has them."""
    return {cell["id"]: cell for cell in nb["cells"]}


def repaired(notebook, nb):
    """Write a submission, read it back and rebuild it."""
    cells, findings = parse(json.dumps(nb).encode(), "1_numbers.ipynb")
    rebuilt, more = rebuild(notebook, cells)
    return rebuilt, findings + more


def codes(findings) -> list[str]:
    """Return the findings' codes."""
    return [finding.code for finding in findings]


def answers_in(rebuilt) -> dict[str, str]:
    """Return what the rebuilt notebook has in its answer cells."""
    return {name: by_id(rebuilt)[name].source for name in ANSWERS}


def check_locked_cells(notebook, rebuilt):
    """Check that everything a student may not change is the instructor's, in the instructor's order."""
    own = [cell for cell in rebuilt.cells if not cell.metadata.get("coursegrader", {}).get("extra")]
    assert [cell.id for cell in own] == [cell.id for cell in notebook.release.cells]
    for cell, released in zip(own, notebook.release.cells, strict=True):
        assert (cell.cell_type, cell.metadata) == (released.cell_type, released.metadata)
        if cell.id not in ANSWERS and cell.id != "my-try":
            assert cell.source == released.source
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert rebuilt.metadata == notebook.release.metadata
    nbformat.validate(rebuilt)


# -- nothing to repair -------------------------------------------------------------------------------------------------


def test_a_sound_submission_is_taken_as_it_is_without_any_finding(notebook):
    rebuilt, findings = repaired(notebook, handed_in(notebook))
    assert findings == []
    assert answers_in(rebuilt) == ANSWERS
    check_locked_cells(notebook, rebuilt)


def test_an_untouched_release_comes_back_as_it_is(notebook):
    rebuilt, findings = repaired(notebook, handed_in(notebook, {}))
    assert (rebuilt, findings) == (notebook.release, [])


def test_the_students_own_cells_stay_where_they_were(notebook):
    nb = handed_in(notebook)
    nb["cells"].insert(3, new_code_cell("print(double(1))"))
    nb["cells"].insert(0, new_markdown_cell("My notes"))
    rebuilt, findings = repaired(notebook, nb)
    assert [rebuilt.cells[0].source, rebuilt.cells[4].source] == ["My notes", "print(double(1))"]
    assert findings == []
    check_locked_cells(notebook, rebuilt)


def test_an_editable_cell_that_is_not_graded_keeps_the_students_text(notebook):
    rebuilt, findings = repaired(notebook, handed_in(notebook, {**ANSWERS, "my-try": "double(99)"}))
    assert by_id(rebuilt)["my-try"].source == "double(99)"
    assert findings == []


# -- cells -------------------------------------------------------------------------------------------------------------


def test_a_deleted_test_cell_is_put_back(notebook):
    nb = handed_in(notebook)
    nb["cells"] = [cell for cell in nb["cells"] if cell["id"] != "test_double"]
    rebuilt, findings = repaired(notebook, nb)
    assert [(f.code, f.place) for f in findings] == [("missing_cell", "1_numbers.ipynb, test_double")]
    check_locked_cells(notebook, rebuilt)


def test_a_deleted_answer_costs_its_question_and_says_so(notebook):
    nb = handed_in(notebook)
    nb["cells"] = [cell for cell in nb["cells"] if cell["id"] != "best"]
    rebuilt, findings = repaired(notebook, nb)
    assert [(f.code, f.effect) for f in findings] == [("missing_answer", "the question counts as not answered")]
    assert by_id(rebuilt)["best"].source == by_id(notebook.release)["best"].source


def test_an_emptied_answer_is_reported(notebook):
    rebuilt, findings = repaired(notebook, handed_in(notebook, {**ANSWERS, "triple": "  \n"}))
    assert codes(findings) == ["emptied_cell"]
    assert by_id(rebuilt)["triple"].source.strip() == ""


def test_an_edited_test_cell_is_restored(notebook):
    nb = handed_in(notebook)
    by_id(nb)["test_double"]["source"] = "assert True"
    rebuilt, findings = repaired(notebook, nb)
    assert codes(findings) == ["locked_cell_edited"]
    check_locked_cells(notebook, rebuilt)


@pytest.mark.parametrize("kind", ["markdown", "raw", "code", "heading", None, 7])
@pytest.mark.parametrize("name", ["double", "q_why_answer", "test_double", "q_why"])
def test_a_retyped_cell_is_what_it_was_again(notebook, name, kind):
    nb = handed_in(notebook)
    before = by_id(nb)[name]["cell_type"]
    by_id(nb)[name]["cell_type"] = kind
    rebuilt, findings = repaired(notebook, nb)
    changed = (kind == "code") != (before == "code")
    assert codes(findings) == (["cell_type_changed"] if changed else [])
    assert answers_in(rebuilt) == ANSWERS
    check_locked_cells(notebook, rebuilt)


def test_points_tags_and_kernels_of_the_student_are_not_taken(notebook):
    nb = handed_in(notebook)
    cells = by_id(nb)
    cells["test_double"]["metadata"]["nbgrader"]["points"] = 1000
    cells["test_double"]["metadata"]["tags"] = ["skip-execution"]
    cells["double"]["metadata"]["nbgrader"] = {"grade_id": "double", "grade": True, "points": 9, "solution": True}
    nb["metadata"] = {"kernelspec": {"name": "bash", "language": "bash", "display_name": "x"}, "jupytext": {}}
    rebuilt, findings = repaired(notebook, nb)
    assert findings == []
    check_locked_cells(notebook, rebuilt)


def test_one_moved_cell_is_put_back_and_only_that_one_is_reported(notebook):
    nb = handed_in(notebook)
    nb["cells"].insert(0, nb["cells"].pop([c["id"] for c in nb["cells"]].index("triple")))
    rebuilt, findings = repaired(notebook, nb)
    assert [(f.code, f.place) for f in findings] == [("cell_moved", "1_numbers.ipynb, triple")]
    assert answers_in(rebuilt) == ANSWERS
    check_locked_cells(notebook, rebuilt)


def test_a_moved_cell_does_not_take_a_neighbours_helper_along(notebook):
    nb = handed_in(notebook)
    nb["cells"].insert(2, new_code_cell("def help_double(): pass"))
    nb["cells"].insert(0, nb["cells"].pop([c["id"] for c in nb["cells"]].index("triple")))
    rebuilt, _ = repaired(notebook, nb)
    ids = [cell.id for cell in rebuilt.cells]
    assert ids.index("setup") < ids.index("extra-1") < ids.index("double")


def test_of_several_copies_the_last_edited_one_counts(notebook):
    nb = handed_in(notebook)
    position = [cell["id"] for cell in nb["cells"]].index("double")
    released = by_id(notebook.release)["double"].source
    for text in ("def double(x):\n    return x ** 2", released):
        nb["cells"].insert(position, {**copy.deepcopy(nb["cells"][position]), "source": text, "id": "copy"})
    rebuilt, findings = repaired(notebook, nb)
    assert codes(findings) == ["duplicated_cell"]
    assert answers_in(rebuilt) == ANSWERS
    nb["cells"].reverse()  # now the squaring is edited last
    assert by_id(repaired(notebook, nb)[0])["double"].source == "def double(x):\n    return x ** 2"


def test_an_answer_that_was_split_into_two_cells_keeps_both_halves_in_order(notebook):
    nb = handed_in(notebook)
    cell = by_id(nb)["triple"]
    nb["cells"].insert(nb["cells"].index(cell), {**copy.deepcopy(cell), "source": "helper = 3", "id": "half"})
    cell["source"] = "def triple(x):\n    return helper * x"
    rebuilt, findings = repaired(notebook, nb)
    sources = [cell.source for cell in rebuilt.cells]
    assert sources.index("helper = 3") == sources.index("def triple(x):\n    return helper * x") - 1
    assert codes(findings) == ["duplicated_cell"]


def test_a_syntax_error_is_an_answer_too(notebook):
    wrong = {**ANSWERS, "double": "def double(x)\n    return (", "triple": "!pip install x\n%%bash\n\0"}
    rebuilt, findings = repaired(notebook, handed_in(notebook, wrong))
    assert findings == []
    assert answers_in(rebuilt) == wrong


# -- lost metadata -----------------------------------------------------------------------------------------------------


def stripped(nb, ids=True, metadata=True):
    """Take away what tools and old formats take away."""
    for cell in nb["cells"]:
        if ids:
            cell.pop("id", None)
        if metadata:
            cell["metadata"] = {}
    return nb


def test_without_ids_answers_are_found_by_grade_id_and_question(notebook):
    rebuilt, findings = repaired(notebook, stripped(handed_in(notebook), metadata=False))
    assert answers_in(rebuilt) == ANSWERS
    assert findings == []


def test_without_metadata_answers_are_found_by_id(notebook):
    rebuilt, findings = repaired(notebook, stripped(handed_in(notebook), ids=False))
    assert answers_in(rebuilt) == ANSWERS
    assert findings == []


def test_without_ids_and_metadata_answers_are_found_by_names_and_order(notebook):
    rebuilt, findings = repaired(notebook, stripped(handed_in(notebook)))
    assert answers_in(rebuilt) == ANSWERS
    assert sorted(f.place.partition(", ")[2] for f in findings if f.code == "answer_found") == sorted(ANSWERS)
    check_locked_cells(notebook, rebuilt)
    assert len(rebuilt.cells) == len(notebook.release.cells)


def test_cells_behind_a_found_answer_stay_behind_it(notebook):
    nb = handed_in(notebook)
    nb["cells"].insert(3, new_code_cell("print(double(1))"))
    nb["cells"].insert(10, new_markdown_cell("And that is all I have to say."))
    rebuilt, _ = repaired(notebook, stripped(nb))
    sources = [cell.source for cell in rebuilt.cells]
    assert sources.index("print(double(1))") == sources.index(ANSWERS["double"]) + 1
    assert sources.index(ANSWERS["q_why_answer"]) == sources.index("And that is all I have to say.") - 1


def test_an_answer_far_from_its_place_takes_no_other_cell_along(notebook):
    nb = handed_in(notebook, {name: text for name, text in ANSWERS.items() if name != "triple"})
    nb["cells"][2:2] = [new_code_cell(ANSWERS["triple"]), new_code_cell("def help_double(): pass")]
    rebuilt, _ = repaired(notebook, nb)
    ids = [cell.id for cell in rebuilt.cells]
    assert by_id(rebuilt)["triple"].source == ANSWERS["triple"]
    assert ids.index("setup") < ids.index("extra-1") < ids.index("double")


def test_an_untouched_notebook_without_ids_and_metadata_stays_untouched(notebook):
    rebuilt, findings = repaired(notebook, stripped(handed_in(notebook, {})))
    assert (rebuilt, findings) == (notebook.release, [])


@pytest.mark.parametrize("missing", sorted(ANSWERS))
def test_without_anything_one_unanswered_question_does_not_shift_the_others(notebook, missing):
    answers = {name: text for name, text in ANSWERS.items() if name != missing}
    rebuilt, _ = repaired(notebook, stripped(handed_in(notebook, answers)))
    assert answers_in(rebuilt) == {**answers, missing: by_id(notebook.release)[missing].source}


def test_the_whole_of_a_stripped_and_shuffled_submission_is_found_by_names(notebook):
    nb = stripped(handed_in(notebook))
    nb["cells"] = [cell for cell in nb["cells"] if cell["cell_type"] == "code"][::-1]
    rebuilt, _ = repaired(notebook, nb)
    assert {n: answers_in(rebuilt)[n] for n in ("double", "best", "triple")} == {
        n: ANSWERS[n] for n in ("double", "best", "triple")
    }


def test_an_answer_in_a_new_cell_is_found_by_the_names_it_defines(notebook):
    nb = handed_in(notebook, {**ANSWERS, "double": by_id(notebook.release)["double"].source})
    nb["cells"].insert(3, new_code_cell("%time\n" + ANSWERS["double"]))
    rebuilt, findings = repaired(notebook, nb)
    assert by_id(rebuilt)["double"].source == "%time\n" + ANSWERS["double"]
    assert codes(findings) == ["answer_found"]


def test_a_cell_that_defines_one_of_two_names_is_no_answer():
    piece = Piece("first = 1  # and second later", code=True)
    assert piece.defines({"first"})
    assert not piece.defines({"first", "second"})


def test_of_several_new_cells_the_one_beside_the_question_is_the_answer(notebook):
    nb = handed_in(notebook, {**ANSWERS, "double": by_id(notebook.release)["double"].source})
    nb["cells"].insert(3, new_code_cell(ANSWERS["double"]))
    nb["cells"].append(new_code_cell("def double(x):\n    return x ** 2  # an experiment"))
    assert by_id(repaired(notebook, nb)[0])["double"].source == ANSWERS["double"]


def test_copies_of_a_placeholder_are_no_answers(notebook):
    nb = handed_in(notebook, {})
    for position in (0, 9, 12, len(nb["cells"])):
        nb["cells"].insert(position, {"cell_type": "markdown", "source": "*Your answer here.*\n", "metadata": {}})
    assert repaired(notebook, nb) == (notebook.release, [])


def test_an_experiment_behind_an_answer_does_not_replace_it(notebook):
    nb = handed_in(notebook)
    nb["cells"].append(new_code_cell("def double(x):\n    return x + x + 0"))
    rebuilt, findings = repaired(notebook, nb)
    assert answers_in(rebuilt) == ANSWERS
    assert findings == []


def test_an_answer_written_into_a_test_cell_is_found(notebook):
    nb = handed_in(notebook, {**ANSWERS, "double": ""})
    cells = by_id(nb)
    cells["test_double"]["source"] = ANSWERS["double"] + "\n" + cells["test_double"]["source"]
    rebuilt, findings = repaired(notebook, nb)
    assert by_id(rebuilt)["double"].source.startswith(ANSWERS["double"])
    assert sorted(codes(findings)) == ["answer_found", "locked_cell_edited"]
    check_locked_cells(notebook, rebuilt)


def test_an_answer_written_into_its_question_is_found(notebook):
    nb = handed_in(notebook, {name: text for name, text in ANSWERS.items() if name != "q_how_answer"})
    by_id(nb)["q_how"]["source"] += "\n\n" + ANSWERS["q_how_answer"]
    rebuilt, findings = repaired(notebook, nb)
    assert answers_in(rebuilt) == ANSWERS
    assert sorted(codes(findings)) == ["answer_found", "locked_cell_edited"]


def test_a_written_answer_in_a_new_cell_instead_of_its_own_is_found(notebook):
    nb = handed_in(notebook)
    cell = by_id(nb)["q_why_answer"]
    nb["cells"][nb["cells"].index(cell)] = new_markdown_cell(ANSWERS["q_why_answer"])
    rebuilt, findings = repaired(notebook, nb)
    assert answers_in(rebuilt) == ANSWERS
    assert codes(findings) == ["answer_found"]


def test_a_cell_of_code_never_becomes_a_written_answer(notebook):
    nb = handed_in(notebook)
    cell = by_id(nb)["q_why_answer"]
    nb["cells"][nb["cells"].index(cell)] = new_code_cell("print('thinking')")
    rebuilt, findings = repaired(notebook, nb)
    assert answers_in(rebuilt) == {**ANSWERS, "q_why_answer": by_id(notebook.release)["q_why_answer"].source}
    assert codes(findings) == ["missing_answer"]


def test_a_cells_grade_id_says_more_than_its_id(notebook):
    nb = handed_in(notebook)
    one, other = by_id(nb)["double"], by_id(nb)["triple"]
    one["id"], other["id"] = other["id"], one["id"]
    assert answers_in(repaired(notebook, nb)[0]) == ANSWERS


def test_a_name_that_only_the_reference_uses_is_asked_of_nobody(course):
    path = course.root / "source" / "week" / "1_numbers.ipynb"
    nb = nbformat.read(path, as_version=4)
    by_id(nb)["double"].source += "\nonly_here = 1"
    nbformat.write(nb, path)
    assert asked_names(course.assignment("week").notebooks["1_numbers"], "double") == {"double"}


def test_every_coded_question_of_the_real_course_asks_for_names(real_course):
    for real in real_course.assignment("rnn").notebooks.values():
        for cell in real.release.cells:
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
                assert asked_names(real, cell.id), f"{real.name}, {cell.id}: no other cell uses what it defines"


def test_the_reference_answers_of_the_real_course_survive_the_loss_of_all_metadata(real_course):
    for real in real_course.assignment("rnn").notebooks.values():
        solutions = {cell.id: cell.source for cell in real.source.cells}
        nb = json.loads(nbformat.writes(real.release))
        wanted = {}
        for cell in nb["cells"]:
            cell["source"] = "".join(cell["source"])
            answers = cell["metadata"].get("coursegrader", {}).get("answers")
            if cell["metadata"].get("nbgrader", {}).get("solution") or answers:
                cell["source"] = f"My answer to {answers}." if answers else solutions[cell["id"]]
                wanted[cell["id"]] = cell["source"]
        rebuilt, _ = repaired(real, stripped(nb))
        found = by_id(rebuilt)
        assert {name: found[name].source for name in wanted} == wanted
        assert len(rebuilt.cells) == len(real.release.cells)


# -- text that would harm the next step --------------------------------------------------------------------------------


def test_marker_lines_in_the_students_text_cannot_stop_the_feedback(notebook):
    text = "### BEGIN HIDDEN TESTS\ndef double(x):\n    return 2 * x  # END MARK SCHEME"
    rebuilt, findings = repaired(notebook, handed_in(notebook, {**ANSWERS, "double": text}))
    changed = by_id(rebuilt)["double"].source
    assert "BEGIN HIDDEN TESTS" not in changed
    assert "END MARK SCHEME" not in changed
    assert "return 2 * x" in changed
    assert codes(findings) == ["marker_changed"]


def test_a_heading_cannot_take_the_place_of_a_field_of_the_formgrader(notebook):
    answers = {**ANSWERS, "q_why_answer": "# q_why-comment\n\nBecause.\n\n# q_why"}
    rebuilt, _ = repaired(notebook, handed_in(notebook, answers))
    shown = markdown2html_mistune(by_id(rebuilt)["q_why_answer"].source)
    assert "Because." in html.unescape(shown)
    assert 'id="q_why-comment"' not in shown
    assert 'id="q_why"' not in shown


def test_huge_cells_are_left_out_and_the_others_graded(notebook):
    nb = handed_in(notebook, {**ANSWERS, "triple": "x = 1\n" * 100_000})
    nb["cells"] += [new_code_cell("#" * 90_000) for _ in range(20)]
    rebuilt, findings = repaired(notebook, nb)
    assert sorted(codes(findings)) == ["cell_too_large", "missing_answer"]
    assert by_id(rebuilt)["double"].source == ANSWERS["double"]
    assert len(nbformat.writes(rebuilt)) < 600_000


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("torch.allclose = lambda *a: True", "assignment to allclose of torch"),
        ("get_ipython().ast_transformers.append(x)", "ast_transformers"),
        ("import coursegrader.evidence as e", "coursegrader"),
        ("from ctypes import *", "ctypes"),
        ('import os; os.environ["COURSEGRADER_SEED"]', "COURSEGRADER_SEED"),
        ("this does not parse: _getframe", "_getframe"),
        ("torch" + ".a" * 800 + " = 1", "assignment to a of torch"),
    ],
)
def test_answers_that_touch_the_machinery_are_flagged_and_kept(notebook, code, said):
    rebuilt, findings = repaired(notebook, handed_in(notebook, {**ANSWERS, "double": code}))
    assert by_id(rebuilt)["double"].source == code
    assert [f.code for f in findings] == ["touches_internals"]
    assert said in findings[0].detail
    assert findings[0].effect == "no effect on the score"


def test_an_ordinary_answer_is_not_flagged(notebook):
    code = "import torch\nlayer.weight = torch.nn.Parameter(x)\nself.bias = None\nnp_like = 1\n'\\d'"
    assert repaired(notebook, handed_in(notebook, {**ANSWERS, "double": code}))[1] == []


@pytest.mark.parametrize(
    "code",
    ["a" + ".b" * 60_000, "1" + "+1" * 60_000, "-" * 100_000 + "1", "(" * 3000, "not " * 40_000 + "1",
     "x=" * 50_000 + "1", "if a:\n pass\n" + "elif a:\n pass\n" * 10_000, "\0", "\ud800", "\x0c\u2028"],
    ids=lambda code: repr(code[:6]),
)  # fmt: skip
def test_code_that_breaks_parsers_breaks_nothing_here(notebook, code):
    rebuilt, _ = repaired(notebook, stripped(handed_in(notebook, {**ANSWERS, "double": code})))
    assert by_id(rebuilt)["triple"].source == ANSWERS["triple"]


# -- anything at all ---------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["cells", "source", "metadata", "nbgrader", "grade_id", "id"]), inner)
    ),
    max_leaves=10,
)
CELLS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "id": JSON | st.sampled_from(["double", "best", "test_double", "extra-1"]),
            "cell_type": JSON | st.sampled_from(["code", "markdown"]),
            "metadata": JSON
            | st.fixed_dictionaries({"nbgrader": st.fixed_dictionaries({"grade_id": st.sampled_from(["double", "q_why"])})})
            | st.fixed_dictionaries({"coursegrader": JSON | st.just({"answers": "q_why"})}),
            "source": JSON | st.lists(JSON, max_size=3) | st.sampled_from(["best = 2", "def double(): 1", "*Your answer here.*"]),
        },
    ),
    max_size=8,
)  # fmt: skip


@given(JSON | st.fixed_dictionaries({"cells": CELLS | JSON}))
@SHARED
def test_arbitrary_json_is_rebuilt_or_refused(notebook, data):
    raw = json.dumps(data).encode()
    try:
        cells, _ = parse(raw, "1_numbers.ipynb")
    except IngestError:
        return
    rebuilt, _ = rebuild(notebook, cells)
    check_locked_cells(notebook, rebuilt)


@given(st.data())
@SHARED
def test_cells_in_any_order_copied_or_deleted_lose_nothing_that_is_still_there(notebook, data):
    nb = handed_in(notebook)
    sound = copy.deepcopy(nb["cells"])
    own = [new_code_cell("note = 1"), new_markdown_cell("a note"), new_code_cell("")]
    nb["cells"] = data.draw(st.lists(st.sampled_from(sound + own), max_size=30))
    nb["cells"] = [copy.deepcopy(cell) for cell in nb["cells"]]
    for cell in nb["cells"]:
        cell["cell_type"] = data.draw(st.sampled_from([cell["cell_type"]] * 3 + ["code", "markdown", "raw"]))
        if data.draw(st.integers(0, 4)) == 0:
            cell.pop("id", None)
        elif data.draw(st.integers(0, 4)) == 0:
            cell["metadata"] = {}
    present = {name for name, text in ANSWERS.items() if any(cell["source"] == text for cell in nb["cells"])}
    rebuilt, findings = repaired(notebook, nb)
    check_locked_cells(notebook, rebuilt)
    found = answers_in(rebuilt)
    told = {f.place.partition(", ")[2] for f in findings}
    everywhere = "\n".join(cell.source for cell in rebuilt.cells)
    for name, text in ANSWERS.items():
        if name in present:
            assert text in everywhere
        elif found[name] == by_id(notebook.release)[name].source:
            assert name in told  # a lost answer is never silent
    again, more = rebuild(notebook, [dict(cell) for cell in rebuilt.cells])
    assert again == rebuilt
    assert set(codes(more)) <= {"emptied_cell"}


@given(st.data())
@SHARED
def test_answers_whose_cells_kept_an_id_are_found_in_any_order(notebook, data):
    nb = handed_in(notebook)
    nb["cells"] = data.draw(st.permutations(nb["cells"]))
    for cell in nb["cells"]:
        lost = data.draw(st.sampled_from(["id", "metadata", "nothing"]))
        if lost == "id":
            cell.pop("id")
        elif lost == "metadata":
            cell["metadata"] = {}
    rebuilt, _ = repaired(notebook, nb)
    assert answers_in(rebuilt) == ANSWERS
    check_locked_cells(notebook, rebuilt)
