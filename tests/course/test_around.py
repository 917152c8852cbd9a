"""nbgrader's header and footer: notebooks that are put around others, and no assignment, wherever they lie."""

import shutil

import nbformat
import pytest
from small_course import canonical, cell

from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.errors import CourseError


@pytest.fixture
def framed(course) -> Course:
    """Return a course whose header and footer lie in a folder of their own, with a picture."""
    folder = course.root / "source" / "around all"
    folder.mkdir()
    nbformat.write(canonical([cell("prose", "name", "Name:")]), folder / "top.ipynb")
    nbformat.write(canonical([cell("prose", "bye", "Goodbye.")]), folder / "bottom.ipynb")
    (folder / "logo.png").write_bytes(b"picture")
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write('c.IncludeHeaderFooter.header = "source/around all/top.ipynb"\n')
        file.write('c.IncludeHeaderFooter.footer = "source/around all/bottom.ipynb"\n')
    return Course.open(course.root)


def test_a_folder_of_header_and_footer_is_no_assignment(framed):
    assert framed.assignments() == ["week"]
    ids = [cell.id for cell in framed.assignment("week").notebooks["2_words"].source.cells]
    assert (ids[0], ids[-1]) == ("name", "bye")
    with pytest.raises(CourseError, match=r"no assignment 'around all' .*; known: week"):
        framed.assignment("around all")


def test_a_notebook_beside_a_header_makes_its_folder_an_assignment(framed):
    shutil.copy(framed.root / "source" / "week" / "2_words.ipynb", framed.root / "source" / "around all")
    assert framed.assignments() == ["around all", "week"]


def test_commands_for_all_assignments_leave_a_header_alone(framed, capsys):
    assert main(["--course", str(framed.root), "demo"]) == 0  # the only assignment needs no name
    assert main(["--course", str(framed.root), "release", "--check"]) == 2  # nothing is released yet
    assert "around all" not in capsys.readouterr().out


@pytest.mark.parametrize("part", ["header", "footer"])
def test_a_header_beside_the_notebooks_is_refused(course, part, capsys):
    nbformat.write(canonical([cell("prose", "name", "Name:")]), course.root / "source" / "week" / "around.ipynb")
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f'c.IncludeHeaderFooter.{part} = "source/week/around.ipynb"\n')
    place = course.root / "source"
    sentence = (
        f"{place}/week/around.ipynb: c.IncludeHeaderFooter.{part} names it, but it lies among the notebooks of an "
        f"assignment, so nbgrader would release and grade it as one of them; move it to {place}/, "
        "and let the setting name it there"
    )
    for words in (["release"], ["release", "--check"], ["demo"], ["check"], ["adopt"]):
        assert main(["--course", str(course.root), *words]) == 2
        assert sentence in capsys.readouterr().err
    (place / "week" / "around.ipynb").rename(place / "around.ipynb")
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace("source/week/around.ipynb", "source/around.ipynb"))
    assert list(Course.open(course.root).assignment("week").notebooks) == ["1_numbers", "2_words"]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (None, "week/1_numbers.ipynb: its header cannot be read"),
        ("no notebook", "top.ipynb: not a readable notebook"),
        (canonical([cell("test", "t", "pass")]), "top.ipynb, cell 1 (t): is graded and has no points"),
        (
            canonical([cell("prose", "title", "Name:")]),
            "1_numbers.ipynb, with its header, cell 1 (title) and cell 2: share the id 'title'",
        ),
    ],
)
def test_what_is_wrong_with_a_header_is_said_of_the_header(course, document, sentence, capsys):
    text = document if isinstance(document, str) else nbformat.writes(document) if document else None
    if text is not None:
        (course.root / "source" / "top.ipynb").write_text(text)
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write('c.IncludeHeaderFooter.header = "source/top.ipynb"\n')
    assert main(["--course", str(course.root), "release", "--check"]) == 2
    assert sentence in capsys.readouterr().err


def test_a_header_that_is_named_by_no_text_is_told(course, capsys):
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write('c.IncludeHeaderFooter.header = ["source/top.ipynb"]\n')
    assert main(["--course", str(course.root), "release", "--check"]) == 2
    assert "c.IncludeHeaderFooter names no notebook" in (said := capsys.readouterr().err)
    assert "mend nbgrader_config.py" in said
