"""Does the terminal's table say what the gradebook says, and what waits or went wrong?"""

from __future__ import annotations

import people
import pytest

from coursegrader.course.course import Course
from coursegrader.grading.gradebook.scores import read_results, read_some
from coursegrader.model import Finding
from coursegrader.publishing.exporting.table import class_table, table_json


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    made = people.make_course(tmp_path_factory.mktemp("course"))
    people.make_class(made)
    return made


def rows(table: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split() for line in table.splitlines()}


def test_the_table_has_the_gradebooks_points_penalties_and_what_waits(course: Course) -> None:
    table = class_table(read_results(course, "rnn"))
    assert table.splitlines()[0].split() == ["student", "a_first", "b_second", "late", "total", "waiting", "verdicts"]
    found = rows(table)
    assert found["ada"][1:5] == ["4+2/4", "8/8", "14/12", "3"]  # a person gave 5 for q1; nothing waits
    assert found["bo"][1:5] == ["2.5/4", "3/8", "5.5/12", "1"]  # one answer waits
    assert found["dalia"][1:5] == ["0/4", "7/8", "-2", "5/12"]


def test_json_says_the_same(course: Course) -> None:
    data = table_json(read_results(course, "rnn"))
    assert {student: row["total"] for student, row in data.items()} == people.nbgrader_totals(course)
    assert data["bo"]["waiting"] == 1
    assert data["bo"]["notebooks"]["b_second"] == {"points": 3.0, "max_points": 8.0, "waiting": 1, "degraded": ""}
    assert data["zoe"]["notebooks"] == {}


def test_the_table_of_a_run_holds_those_who_were_graded_in_it(course: Course) -> None:
    grading = next(s.grading for s in read_results(course, "rnn").students if s.id == "bo")
    assert grading is not None
    grading.notebooks[0].degraded = "a_first.ipynb is empty: hand in the notebook again"
    grading.notebooks[1].findings = [Finding("cell_stopped", "b_second.ipynb, extra-1", "the cell ended with timeout")]
    lines = class_table(read_some(course, {"bo": grading}, "rnn")).splitlines()
    assert [line.split()[0] for line in lines] == ["student", "bo"]
    assert "a_first damaged or missing; 1 own cell stopped; " in lines[1]
