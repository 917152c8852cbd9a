"""A line of a course's configuration that sets nothing, or nothing that makes sense, is refused with what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.course.setup.spelling import mistakes
from coursegrader.errors import FAILED, CourseError


def config(line: str) -> Config:
    """Return a configuration of one line."""
    made = Config()
    exec(line, {"c": made})
    return made


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("c.Execute.timout = 3", "c.Execute has no setting `timout`; is `timeout` meant?"),
        ("c.Execute.require_rungs = 1", "c.Execute has no setting `require_rungs`; is `require_rung` meant?"),
        ("c.SaveScores.hint = 'off'", "c.SaveScores has no setting `hint`; is `hints` meant?"),
        ("c.Watch.limit = 3", "c.Watch has no setting `limit`; is `settle` meant?"),
        ("c.SaveScore.hints = 'off'", "there is no c.SaveScore, but a c.SaveScores"),
        ("c.LeakGates.released_files = []", "there is no c.LeakGates, but a c.LeakGate"),
        ("c.CourseDirectory.soruce_directory = 'x'", "c.CourseDirectory has no setting `soruce_directory`; is `source_directory` meant?"),
        ("c.ClearSolution.begin_solution_delimeter = 'x'", "there is no c.ClearSolution, but a c.ClearSolutions"),
        ("c.IncludeHeaderFooter.heder = 'x'", "c.IncludeHeaderFooter has no setting `heder`; is `header` meant?"),
        ("c.Autograde.sanitize_preprocesors.append(1)", "c.Autograde has no setting `sanitize_preprocesors`; is `sanitize_preprocessors` meant?"),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_what_is_meant(line: str, said: str) -> None:
    [found] = mistakes(config(line))
    assert found == said


@pytest.mark.parametrize("name", ["late.Two", "json.JSONDecoder", "antigravity_.x"])
def test_late_penalties_that_cannot_be_loaded_are_told_before_anybody_is_late(name: str) -> None:
    [found] = mistakes(config(f"c.AssignLatePenalties.plugin_class = '{name}'"))
    assert found.startswith("c.AssignLatePenalties.plugin_class cannot be used (TraitError: ")
    assert "object at" not in found


@pytest.mark.parametrize(
    "line",
    [
        "c.AssignLatePenalties.plugin_class = 'nbgrader.plugins.latesubmission.LateSubmissionPlugin'",
        "c.Execute.timeout = 3",  # ours
        "c.Execute.kernel_name = 'python3'",  # nbgrader's of the same name
        "c.NbGraderPreprocessor.enabled = True",  # what several inherit
        "c.Application.log_level = 10",
        "c.HTMLExporter.exclude_input = True",
        "c.ServerApp.ip = '0.0.0.0'",  # of programs that are not ours
        "c.MappingKernelManager.cull_interval = 3",
        "c.HTMLExporters.template_name = 'x'",
        "c.SubMarks.per_day = 2",  # classes of the course's own
        "c.MyClearSolutions.code_stub = {}",
        "c.NbGrader.db_assignments = []",  # an older nbgrader's
        "c.Autograde.preprocessors.append(1)",
        "c.Parent.Execute.timeout = 3",
    ],
)
def test_what_may_be_meant_as_it_stands_is_left_alone(line: str) -> None:
    assert list(mistakes(config(line))) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("c.SaveScores.hint = 'off'", "is `hints` meant?"),
        ("c.SaveScores.hints = 'none'", "The 'hints' trait of a SaveScores instance expected any of"),
        ("c.LatePenalty.per = 'submision'", "The 'per' trait of a LatePenalty"),
        ("c.Execute.timeout = 'long'", "The 'timeout' trait of an Execute instance expected a float"),
        ("c.Execute.timeout = 0", "'timeout' trait of an Execute instance"),
        ("c.Execute.memory_mb = -1", "'memory_mb' trait of an Execute instance"),
        ("c.Execute.require_rung = 9", "'require_rung' trait of an Execute instance"),
        ("c.CourseDirectory.source_directory = 3", "'source_directory' trait of a CourseDirectory instance"),
    ],
)
@pytest.mark.parametrize(
    "command", [("autograde", "week"), ("release",), ("report", "week"), ("export", "week", "--to", "csv")]
)
def test_every_command_ends_in_one_sentence(
    course: Course, capsys: pytest.CaptureFixture[str], line: str, said: str, command: tuple[str, ...]
) -> None:
    path = course.root / "nbgrader_config.py"
    path.write_text(f"{path.read_text()}\n{line}\n")
    assert main(["--course", str(course.root), *command]) == FAILED
    told = capsys.readouterr()
    assert told.out == ""
    [sentence] = told.err.strip().splitlines()
    assert f"{path}: " in sentence
    assert said in sentence
    assert sentence.endswith("; mend it and try again")


def test_a_value_that_nbgrader_alone_looks_at_is_told_when_it_does(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    path = course.root / "nbgrader_config.py"
    path.write_text(f"{path.read_text()}\nc.LockCells.lock_grade_cells = 7\n")
    assert main(["--course", str(course.root), "release"]) == FAILED
    sentence = capsys.readouterr().err.strip()
    assert "nbgrader_config.py: The 'lock_grade_cells' trait of a LockCells instance" in sentence
    assert sentence.endswith("; mend it and try again")


def test_the_projects_own_configurations_have_no_slip() -> None:
    root = Path(__file__).parents[2]
    for folder in (root, *(path.parent for path in root.glob("examples/*/nbgrader_config.py"))):
        assert list(mistakes(Course.open(folder).config)) == []
    with pytest.raises(CourseError, match="is not a course"):
        Course.open(root / "tests")
