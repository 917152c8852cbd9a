"""Courses of all shapes are adopted as they are, and honest submissions earn what nbgrader itself gives for them."""

import nbformat
import pytest
from nbgrader_oracle import our_scores
from public_courses import COURSES

from coursegrader.cli import main
from coursegrader.course.course import Course

pytestmark = pytest.mark.slow


def emitting(root) -> set[str]:
    """Return the grade cells of a course that emit evidence."""
    course = Course.open(root)
    books = [book for name in course.assignments() for book in course.assignment(name).notebooks.values()]
    return {cell.grade_id for book in books for cell in book.graded.values() if "evidence(" in (cell.hidden or "")}


def files(root) -> dict[str, bytes]:
    return {
        p.relative_to(root).as_posix(): p.read_bytes()
        for p in root.rglob("*")
        if p.is_file() and p.name not in ("lock", "gradebook.db")
    }


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.xdist_group(f"adopted-{name}")) for name in COURSES]
)
def test_an_adopted_course_earns_nbgraders_scores(name, tmp_path, capsys):
    made, root = COURSES[name], tmp_path / "course"
    made.write(root)
    wanted = made.grade_by_nbgrader(root)
    assert len(set(wanted.values()) - {None}) > 1  # some are right, some are not
    before = files(root)

    assert main(["--course", str(root), "adopt"]) == 0, capsys.readouterr().err
    copies = root / "grading" / "before-adopting" / "1"
    for path, data in before.items():
        if (root / path).read_bytes() != data:
            assert (copies / path).read_bytes() == data, f"{path} was changed and not kept"
    assert (root / "nbgrader_config.py").read_text().startswith(made.config.rstrip())
    assert our_scores(root, *made.assignments) == wanted

    after = files(root)
    assert main(["--course", str(root), "adopt"]) == 0
    assert files(root) == after

    assert main(["--course", str(root), "adopt", "--evidence"]) == 0, capsys.readouterr().err
    assert emitting(root) == made.evidence
    assert our_scores(root, *made.assignments) == wanted
    for path in root.rglob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))
