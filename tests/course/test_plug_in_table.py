"""A course that does not plug our classes into nbgrader is refused, with the line that it lacks."""

from __future__ import annotations

import pytest
from small_course import ROOT

from coursegrader import plugins
from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.course.setup.table import TABLE, to_add
from coursegrader.errors import FAILED, CourseError

COMMANDS = (
    ["release", "week"],
    ["release", "week", "--check"],
    ["autograde", "week"],
    ["feedback", "week"],
    ["check", "week"],
    ["report", "week"],
    ["export", "week", "--to", "csv"],
    ["collect", "week", "--from", "."],
    ["roster", "people.csv"],
    ["demo", "week"],
)


def places(line):
    return f"c.{line.converter.__name__}.{line.setting}"


def configure(course, text):
    (course.root / "nbgrader_config.py").write_text(f"c = get_config()\n{text}\n")


def test_the_lines_of_the_table_are_a_course(course):
    configure(course, "\n".join(to_add(TABLE)))
    assert Course.open(course.root).assignments() == ["week"]


@pytest.mark.parametrize("example", sorted(path.parent for path in (ROOT / "examples").glob("*/nbgrader_config.py")))
def test_every_example_plugs_in_what_the_table_asks_for(example):
    assert Course.open(example).assignments()


def test_the_table_names_classes_that_are_there_to_plug_in():
    assert {name for line in TABLE for name in line.ours} <= set(plugins.__all__)


@pytest.mark.parametrize("lacking", TABLE, ids=places)
def test_each_line_that_is_missing_is_named_and_adding_it_helps(course, lacking):
    there = "\n".join(to_add(line for line in TABLE if line is not lacking))
    configure(course, there)
    with pytest.raises(CourseError) as caught:
        Course.open(course.root)
    said = str(caught.value)
    assert f"{course.root / 'nbgrader_config.py'}: " in said
    assert [line for line in TABLE if places(line) in said.split(":\n")[0]] == [lacking]
    configure(course, there + "\n" + "\n".join(line.strip() for line in said.splitlines()[1:]))
    assert Course.open(course.root)


@pytest.mark.parametrize(
    "foreign",
    [
        "from nbgrader.preprocessors import GetGrades\nc.GenerateFeedback.preprocessors = [GetGrades]",
        "from nbgrader.preprocessors import GetGrades\nc.GenerateFeedback.preprocessors = [Feedback, GetGrades]",
        "from nbgrader.preprocessors import Execute as X\nc.Autograde.autograde_preprocessors.append(X)",
        "c.GenerateFeedback.exporter_class = 'nbconvert.exporters.HTMLExporter'",
        "c.GenerateFeedback.exporter_class = 'no.such.Exporter'",
        "c.GenerateFeedback.preprocessors = 7",
    ],
)
def test_a_foreign_entry_is_refused_like_a_missing_one(course, foreign):
    configure(course, "\n".join([*to_add(TABLE), foreign]))
    with pytest.raises(CourseError, match="not ours; have `coursegrader adopt` see to it, or add these lines"):
        Course.open(course.root)


def test_what_an_instructor_plugs_in_beside_ours_or_derives_from_it_is_welcome(course):
    own = (
        "from nbconvert.preprocessors import Preprocessor\n"
        "class Mine(Feedback): pass\n"
        "class Other(Preprocessor): pass\n"
        "c.GenerateFeedback.preprocessors = [Mine, Other]\n"
        "c.Autograde.autograde_preprocessors.append(Other)\n"
        "c.GenerateFeedback.exporter_class = 'coursegrader.plugins.FeedbackPage'"
    )
    configure(course, "\n".join([*to_add(TABLE), own]))
    assert Course.open(course.root)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_works_on_a_course_without_the_table(course, command, capsys):
    configure(course, "")
    before = sorted(course.root.rglob("*"))
    assert main(["--course", str(course.root), *command]) == FAILED
    said = capsys.readouterr().err
    assert "c.GenerateFeedback.preprocessors = [Feedback]" in said
    assert set(course.root.rglob("*")) - set(before) <= {course.grading, course.grading / "lock"}
