"""Assignments and students are found wherever nbgrader's own settings keep them, and nowhere else."""

from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from small_course import write_course
from traitlets.config import Config

from coursegrader.course.course import Course
from coursegrader.course.setup import folders
from coursegrader.grading.gradebook.converters import generate

STRUCTURES = {
    "nbgrader's own": ("{nbgrader_step}/{student_id}/{assignment_id}", "submitted/ada/ps 1", "source/ps 1"),
    "by assignment": ("{assignment_id}/{nbgrader_step}/{student_id}", "ps 1/submitted/ada", "ps 1/source"),
    "deeper": ("term/{nbgrader_step}/{assignment_id}/{student_id}", "term/submitted/ps 1/ada", "term/source/ps 1"),
    "in one name": ("{nbgrader_step}/{assignment_id}+{student_id}/x", "submitted/ps 1+ada/x", "source/ps 1+./x"),
}


def directory(root: Path, structure: str, **more: str) -> CourseDirectory:
    return CourseDirectory(
        config=Config({"CourseDirectory": {"directory_structure": structure, **more}}), root=str(root)
    )


@pytest.mark.parametrize(("structure", "handed_in", "source"), STRUCTURES.values(), ids=STRUCTURES)
def test_who_handed_in_and_what_was_asked_is_found_in_any_structure(tmp_path, structure, handed_in, source):
    """The places are written out here; that nbgrader means the same is its own ``format_path``'s to say."""
    (tmp_path / handed_in).mkdir(parents=True)
    (tmp_path / source).mkdir(parents=True)
    here = directory(tmp_path, structure)
    assert folders.students(here, "submitted", "ps 1") == ["ada"]
    assert list(folders.assignments(here)) == ["ps 1"]
    assert folders.place(here, "submitted", "ada", "ps 1") == tmp_path / handed_in
    assert folders.place(here, "source", "", "ps 1") == tmp_path / source


@pytest.mark.parametrize(
    "structure", ["{assignment_id}/{nbgrader_step}/{student_id}", "all/{nbgrader_step}/{student_id}/{assignment_id}"]
)
def test_an_assignment_is_released_where_its_own_structure_says_and_nowhere_else(tmp_path, structure):
    """Nbgrader's own converter, which is sent to a staging folder first, leaves nothing else behind."""
    made = write_course(tmp_path / "course")
    text = (made.root / "nbgrader_config.py").read_text() + f"c.CourseDirectory.directory_structure = {structure!r}\n"
    (made.root / "nbgrader_config.py").write_text(text)
    source = structure.format(nbgrader_step="source", assignment_id="week", student_id=".")
    (made.root / source).parent.mkdir(parents=True, exist_ok=True)
    (made.root / "source" / "week").rename(made.root / source)
    (made.root / "source").rmdir()
    before = {path for path in made.root.rglob("*") if "grading" not in path.parts}
    course = Course.open(made.root)
    assert course.assignments() == ["week"]
    generate(course, "week", tmp_path / "staging", database=False)
    assert {path for path in made.root.rglob("*") if "grading" not in path.parts} == before
    assert len(list((tmp_path / "staging").rglob("*.ipynb"))) == 2


def test_other_steps_other_assignments_and_files_are_nobody(tmp_path):
    for name in ("submitted/ada/ps1", "submitted/bo/ps2", "autograded/chi/ps1", "submitted/dana"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "submitted" / "eli").write_text("a file")
    here = directory(tmp_path, CourseDirectory.directory_structure.default_value)
    assert folders.students(here, "submitted", "ps1") == ["ada"]
    assert folders.students(here, "submitted", "ps") == []
    assert folders.students(here, "feedback", "ps1") == []


def test_steps_with_other_names_are_found(tmp_path):
    (tmp_path / "teacher's" / "ps1").mkdir(parents=True)
    (tmp_path / "in" / "box" / "ada" / "ps1").mkdir(parents=True)
    here = directory(
        tmp_path,
        CourseDirectory.directory_structure.default_value,
        source_directory="teacher's",
        submitted_directory="in/box",
    )
    assert list(folders.assignments(here)) == ["ps1"]
    assert folders.students(here, "submitted", "ps1") == ["ada"]


def test_a_name_with_signs_of_a_pattern_stands_for_itself(tmp_path):
    for name in ("a[1]", "a1", "a+b"):
        (tmp_path / "submitted" / "ada" / name).mkdir(parents=True)
    here = directory(tmp_path, CourseDirectory.directory_structure.default_value)
    assert folders.students(here, "submitted", "a[1]") == ["ada"]
    (tmp_path / "submitted" / "ada" / "a[1]").rmdir()
    assert folders.students(here, "submitted", "a[1]") == []
