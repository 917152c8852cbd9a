"""The instructor's side: what a notebook asks for, what students see of it, and what is said when it is wrong."""

from __future__ import annotations

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursegrader.course.course import Course
from coursegrader.course.markers import split_hidden
from coursegrader.errors import AuthoringError, CourseError, LogError

MARKED = "### {} HIDDEN TESTS"


def change(course, name="1_numbers", **sources):
    """Change cells of a notebook in the source and return the notebook as read again."""
    path = course.root / "source" / "week" / f"{name}.ipynb"
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        cell.update(sources.get(cell.id, {}))
    nbformat.write(nb, path)
    return course.assignment("week").notebooks[name]


# -- hidden regions ----------------------------------------------------------------------------------------------------

LINES = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])).filter(
    lambda line: "HIDDEN TESTS" not in line
)


@given(st.lists(LINES), st.lists(LINES), st.lists(LINES))
def test_a_cell_is_split_at_its_markers_and_no_line_is_changed(before, hidden, after):
    source = [*before, MARKED.format("BEGIN"), *hidden, MARKED.format("END"), *after]
    assert split_hidden("\n".join(source)) == ("\n".join([*before, *after]), "\n".join(hidden))
    assert split_hidden("\n".join(before)) == ("\n".join(before), None)


def test_several_regions_are_one():
    source = "a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc\n### BEGIN HIDDEN TESTS\nd\n### END HIDDEN TESTS"
    assert split_hidden(source) == ("a\nc", "b\nd")


@pytest.mark.parametrize(
    "words", [["BEGIN"], ["END"], ["END", "BEGIN"], ["BEGIN", "BEGIN", "END"], ["BEGIN", "END", "END"]]
)
def test_markers_without_a_partner_are_refused_with_their_place(words):
    source = "\n".join(f"x\n{MARKED.format(word)}" for word in words)
    with pytest.raises(AuthoringError, match=r"^here: .*BEGIN HIDDEN TESTS"):
        split_hidden(source, "here")


# -- notebooks ---------------------------------------------------------------------------------------------------------


def test_graded_cells_are_listed_in_order_with_points_and_kind(notebook):
    found = [(cell.grade_id, cell.points, cell.manual, cell.optional) for cell in notebook.graded.values()]
    assert found == [
        ("test_double", 2.0, False, False),
        ("test_best", 1.0, False, False),
        ("q_why", 3.0, True, False),
        ("q_how", 2.0, True, False),
        ("test_triple", 4.0, False, False),
    ]


def test_visible_and_hidden_parts_of_a_grade_cell_are_apart(notebook):
    cell = notebook.graded["test_double"]
    assert cell.visible == 'assert double(3) == 6, "twice 3 is 6"'
    assert "rng" in cell.hidden
    assert "assert" not in cell.hidden


def test_the_release_holds_no_solution_no_hidden_test_and_no_mark_scheme(notebook):
    text = nbformat.writes(notebook.release)
    for secret in ("both_halves_together", "41.5", "coursegrader.evidence", "rng(", "Three points", "BEGIN", "3 * x"):
        assert secret in nbformat.writes(notebook.source)
        assert secret not in text
    assert text.count("raise NotImplementedError()") == 3
    assert "twice 3 is 6" in text


def test_making_the_release_changes_nothing_on_disk(course):
    before = sorted(course.root.rglob("*"))
    assert course.assignment("week").notebooks["1_numbers"].release.cells
    assert sorted(course.root.rglob("*")) == before


def test_the_release_keeps_every_cell_and_its_id(notebook):
    assert [cell.id for cell in notebook.release.cells] == [cell.id for cell in notebook.source.cells]


def test_a_cell_marked_optional_is_a_bonus(course):
    meta = {"grade_id": "test_triple", "grade": True, "solution": False, "locked": True, "task": False}
    bonus = {"metadata": {"nbgrader": {**meta, "schema_version": 3, "points": 4}, "coursegrader": {"optional": True}}}
    assert change(course, test_triple=bonus).graded["test_triple"].optional


@pytest.mark.parametrize("folder", ["hidden", "data", "truth"])
def test_the_digest_changes_with_the_notebook_and_every_file_it_depends_on(course, folder):
    first = course.assignment("week").notebooks["1_numbers"].digest
    assert course.assignment("week").notebooks["1_numbers"].digest == first
    (course.root / "source" / "week" / folder / "more.txt").write_text("1")
    second = course.assignment("week").notebooks["1_numbers"].digest
    third = change(course, title={"source": "# New"}).digest
    assert len({first, second, third}) == 3


def test_the_digest_does_not_change_with_another_notebook(course):
    first = course.assignment("week").notebooks["1_numbers"].digest
    change(course, "2_words", title={"source": "# New"})
    assert course.assignment("week").notebooks["1_numbers"].digest == first


@pytest.mark.parametrize("text", ["", "no json", "{}", '{"nbformat": 9}'])
def test_an_unreadable_notebook_of_the_author_is_named(course, text):
    (course.root / "source" / "week" / "2_words.ipynb").write_text(text)
    with pytest.raises(AuthoringError, match=r"2_words\.ipynb.*version control"):
        _ = course.assignment("week").notebooks


def test_cells_without_ids_or_with_the_same_id_are_refused(course):
    path = course.root / "source" / "week" / "2_words.ipynb"
    nb = nbformat.read(path, as_version=4)
    nb.nbformat_minor = 4
    for cell in nb.cells:
        del cell["id"]
    nbformat.write(nb, path)
    with pytest.raises(
        AuthoringError,
        match=r"2_words\.ipynb, cell 1 \(# Words\): 5 of 5 cells lack ids; save it in notebook format 4\.5",
    ):
        _ = course.assignment("week").notebooks


def test_two_graded_cells_of_one_name_are_refused(course):
    source = course.assignment("week").notebooks["1_numbers"].source
    twin = next(cell for cell in source.cells if cell.id == "test_double").metadata
    with pytest.raises(AuthoringError, match=r"cell 4 \(test_double\) and cell 14: share the grade_id 'test_double'"):
        change(course, test_triple={"metadata": twin})


def test_a_graded_cell_without_points_is_refused(course):
    source = course.assignment("week").notebooks["1_numbers"].source
    meta = next(cell for cell in source.cells if cell.id == "test_double").metadata
    del meta["nbgrader"]["points"]
    with pytest.raises(AuthoringError, match=r"cell 4 \(test_double\): is graded and has no points"):
        change(course, test_double={"metadata": meta})


# -- courses -----------------------------------------------------------------------------------------------------------


def test_notebooks_and_side_files_of_an_assignment_are_found(course):
    assignment = course.assignment("week")
    assert list(assignment.notebooks) == ["1_numbers", "2_words"]
    assert [path.as_posix() for path in assignment.side_files()] == ["data/table.csv"]


@pytest.mark.parametrize("name", ["", ".", "..", "weak", "week/data", "../source/week", "/"])
def test_an_unknown_assignment_is_refused_and_the_known_ones_are_named(course, name):
    with pytest.raises(CourseError, match="known: week"):
        course.assignment(name)


def test_an_assignment_without_notebooks_says_what_to_do(course):
    (course.root / "source" / "empty").mkdir()
    with pytest.raises(CourseError, match=r"no notebooks in .*empty.*add one"):
        _ = course.assignment("empty").notebooks


def test_a_folder_without_a_config_is_no_course(tmp_path):
    with pytest.raises(CourseError, match="is not a course"):
        Course.open(tmp_path)


@pytest.mark.parametrize("config", ["this is not Python", "1 / 0", "import no_such_module_anywhere"])
def test_a_config_that_cannot_be_loaded_is_named_with_its_error(tmp_path, config):
    (tmp_path / "source").mkdir()
    (tmp_path / "nbgrader_config.py").write_text(config)
    with pytest.raises(CourseError, match=r"nbgrader_config\.py: \w+Error"):
        Course.open(tmp_path)


def test_a_course_without_source_says_what_to_add(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    with pytest.raises(CourseError, match="no source/ folder"):
        Course.open(tmp_path)


def test_the_seed_is_made_once_and_differs_between_courses(course, tmp_path):
    seed = course.seed
    assert seed
    assert Course.open(course.root).seed == seed
    (course.grading / "seed").unlink()
    assert course.seed != seed


def test_a_seed_of_the_instructors_own_is_taken_but_never_an_empty_one(course):
    course.grading.mkdir()
    (course.grading / "seed").write_text("2026\n")
    assert course.seed == "2026"
    (course.grading / "seed").write_text("\n")
    with pytest.raises(LogError, match="seed: is empty"):
        _ = course.seed


def test_the_real_course_is_read_whole(real_course):
    notebooks = real_course.assignment("rnn").notebooks
    assert [name[0] for name in notebooks] == ["1", "2", "3", "4", "5", "6"]
    for name, notebook in notebooks.items():
        assert notebook.graded, name
        assert any(cell.hidden for cell in notebook.graded.values()), name
