"""Do the class report's numbers follow from gradebook and logs, and does its page stand alone?"""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path

import people
import pytest
from bs4 import BeautifulSoup
from traitlets.config import Config

from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.course.setup.settings import ClassReport
from coursegrader.grading.gradebook.results import Results
from coursegrader.grading.gradebook.scores import read_results
from coursegrader.publishing import figures
from coursegrader.publishing.classreport import describe, render, write_report


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    made = people.make_course(tmp_path_factory.mktemp("course"))
    people.make_class(made)
    return made


@pytest.fixture(scope="module")
def report(course: Course) -> dict:
    return describe(read_results(course, "rnn"))


def test_scores_are_of_those_who_handed_in_and_count_the_bonus_on_top(report: dict) -> None:
    totals = [total for student, total in people.TOTALS.items() if student != "zoe"]
    assert report["scores"]["totals"] == sorted(totals)
    assert report["scores"]["mean"] == pytest.approx(statistics.fmean(totals))
    assert report["scores"]["quartiles"][1] == statistics.median(totals)
    assert (report["scores"]["roster"], report["scores"]["handed_in"]) == (5, 4)
    assert (report["max_points"], report["bonus_points"]) == (people.REQUIRED, people.BONUS)


def test_difficulty_and_discrimination_of_a_question(report: dict) -> None:
    question = next(row for row in report["questions"] if row["grade_id"] == "test_f")
    earned, rest = [4.0, 2.5, 0.0, 0.0], [10.0, 3.0, 7.0, 0.0]
    assert question["mean_share"] == pytest.approx(6.5 / 16)
    assert (question["full"], question["none"]) == (1, 2)
    assert question["discrimination"] == pytest.approx(statistics.correlation(earned, rest))


def test_answers_that_wait_for_a_grader_make_no_question_look_hard(report: dict) -> None:
    question = next(row for row in report["questions"] if row["grade_id"] == "q1")
    assert question["waiting"] == 1  # bo's
    assert question["mean_share"] == pytest.approx((5.0 + 4.0 + 0.0) / 3 / 5)


def test_mistakes_flags_repairs_and_waiting(report: dict) -> None:
    assert [(row["mistake"], row["students"]) for row in report["mistakes"]] == [("added_instead", ["dalia"])]
    assert [(row["code"], row["students"]) for row in report["flags"]] == [("touches_internals", ["eve"])]
    assert [(row["code"], row["students"]) for row in report["repairs"]] == [("renamed", ["bo"])]
    assert report["waiting"] == 1


def test_errors_are_those_of_evidence_with_a_tolerance(report: dict) -> None:
    row = next(row for row in report["errors"] if row["grade_id"] == "test_g")
    assert (row["right"], row["wrong"], row["tolerance"]) == ([3e-8] * 3, [0.25], 1e-4)


def test_claims_that_are_off_are_marked(course: Course) -> None:
    results = read_results(course, "rnn")
    for student, claimed, measured in (("ada", 0.81, 0.80), ("bo", 0.95, 0.6)):
        entry = next(s for s in results.students if s.id == student)
        assert entry.grading is not None
        entry.grading.claims = {"claimed_accuracy": claimed, "measured_accuracy": measured}
    rows = {row["id"]: row["far"] for row in describe(results)["claims"]}
    assert rows == {"ada": False, "bo": True}


def test_a_class_of_nobody_has_a_report_too() -> None:
    html = render(describe(Results("empty", 10.0, 0.0, ["a"], [])))
    assert "0 of 0" in BeautifulSoup(html, "html.parser").get_text()


def test_the_command_writes_one_page_that_needs_nothing_else(course: Course, capsys: pytest.CaptureFixture) -> None:
    assert main(["--course", str(course.root), "report", "rnn"]) == 0
    folder = course.grading / "report" / "rnn"
    assert str(folder / "index.html") in capsys.readouterr().out
    data = json.loads((folder / "report.json").read_text("utf-8"))
    assert {row["id"]: row["total"] for row in data["students"]} == people.nbgrader_totals(course)
    html = (folder / "index.html").read_text("utf-8")
    soup = BeautifulSoup(html, "html.parser")
    assert soup.find_all(["script", "link", "iframe"]) == []
    assert [tag.name for tag in soup.find_all(src=True)] == []
    assert {tag.name for tag in soup.find_all(href=True)} == {"a"}
    allowed = ("#", "../../../feedback/", "http://localhost:8888/formgrader/gradebook/rnn/")
    assert all(tag["href"].startswith(allowed) for tag in soup.find_all("a"))
    assert not re.search(r"url\((?!#)", html)
    figures = soup.find_all("svg")
    assert len(figures) == 8  # points, questions, and the errors of two notebooks; each for a desk and for a phone
    assert all(svg["role"] == "img" and len(svg["aria-label"]) > 30 for svg in figures)
    assert "var(--ink)" in str(figures[0])
    ids = [tag["id"] for tag in soup.find_all(id=True) if not tag.find_parent("svg")]
    assert len(ids) == len(set(ids))
    assert not re.search("#0102(03|04|05|06|07|08)", html)  # every stand-in colour became a variable


def test_what_to_act_on_comes_first_with_the_students_it_is_about(report: dict) -> None:
    assert [(row["what"].partition(":")[0], row["students"]) for row in report["actions"]] == [
        ("wait for a grader to read an answer", ["bo"]),
        ("touch the machinery of the tests", ["eve"]),
        ("handed in nothing", ["zoe"]),
        ("test_bonus earned only 25% of its points", []),
    ]


def test_a_damaged_upload_is_the_first_thing_to_act_on(course: Course) -> None:
    results = read_results(course, "rnn")
    grading = next(s.grading for s in results.students if s.id == "dalia")
    assert grading is not None
    grading.notebooks[0].degraded = "a_first.ipynb is empty: hand in the notebook again"
    data = describe(results)
    assert data["actions"][0]["students"] == ["dalia"]
    assert (
        "a_first.ipynb is empty"
        in BeautifulSoup(render(data), "html.parser").select("#students ~ div tbody tr")[2].text
    )


def test_each_mistake_and_each_waiting_answer_has_a_way_to_it(report: dict) -> None:
    soup = BeautifulSoup(render(report), "html.parser")
    assert soup.select_one(".mistakes a")["href"] == "../../../feedback/dalia/rnn/a_first.html#q-test_f"
    link = soup.select_one("#waiting ~ ul a")
    assert link["href"] == "http://localhost:8888/formgrader/gradebook/rnn/b_second/"
    assert link.get_text() == "1 of q1 b_second"


def test_who_moved_is_told_where_the_last_grading_says_so(report: dict) -> None:
    move = {
        "student": "bo",
        "notebook": "a_first",
        "grade_id": "test_f",
        "before": 4.0,
        "after": 2.5,
        "reason": "test changed",
    }
    assert "Who moved" not in render(report)
    cells = BeautifulSoup(render(report | {"moved": [move]}), "html.parser").select("#moved ~ div tbody td")
    assert [cell.get_text() for cell in cells] == ["test_f a_first", "4", "2.5", "test changed"]


def test_names_of_students_are_text(course: Course) -> None:
    results = read_results(course, "rnn")
    results.students[0].first_name = "<script>alert(1)</script>"
    assert "<script>" not in render(describe(results))


def test_the_same_class_gives_the_same_page(course: Course) -> None:
    assert render(describe(read_results(course, "rnn"))) == render(describe(read_results(course, "rnn")))


def test_log_that_does_not_verify_is_a_flag(course: Course) -> None:
    path: Path = course.grading / "eve" / "rnn" / "submission_log.json"
    text = path.read_text("utf-8")
    path.write_text(text.replace("touches_internals", "nothing_special"), "utf-8")
    try:
        flags = describe(read_results(course, "rnn"))["flags"]
    finally:
        path.write_text(text, "utf-8")
    assert [(row["code"], row["students"]) for row in flags] == [("unsigned_log", ["eve"])]


def test_what_the_report_points_out_is_a_setting(course: Course, tmp_path: Path) -> None:
    chosen = ClassReport(most=1, hard=1.0, claims=1.0)
    report = describe(read_results(course, "rnn"), chosen)
    assert len(report["actions"]) == 1
    assert not any(row["far"] for row in report["claims"])
    config = Config(course.config)
    config.ClassReport.formgrader = "https://hub.example.org/formgrader/"
    page = write_report(Course(course.root, config), "rnn")[0].read_text("utf-8")
    assert 'href="https://hub.example.org/formgrader/gradebook/rnn/' in page


@pytest.mark.parametrize(("questions", "columns"), [(1, 1), (2, 2), (3, 2), (4, 2)])
def test_each_column_of_error_histograms_is_labelled_where_it_ends(questions: int, columns: int) -> None:
    row = {"notebook": "n", "right": [0.0, 1e-9], "wrong": [2.0], "tolerance": 1e-4}
    errors = [{**row, "grade_id": f"test_{number}"} for number in range(questions)]
    data = {"scores": {"totals": []}, "questions": [], "claims": [], "errors": errors}
    drawn = figures.draw(data)["errors"]["n"]
    assert drawn["wide"].count(">1e-10<") == columns
    assert drawn["narrow"].count(">1e-10<") == 1
    assert drawn["wide"].count("fill: url(#") == questions  # a wrong value's bar is hatched
