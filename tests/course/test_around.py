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
