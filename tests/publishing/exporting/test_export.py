"""Does every export hold the gradebook's totals, in the form its reader wants?"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import people
import pytest

from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.errors import CourseError
from coursegrader.grading.gradebook.scores import read_results
from coursegrader.model import UNJUDGED, EvidenceResult, Finding
from coursegrader.publishing.classreport import describe
from coursegrader.publishing.exporting.ci import apportion, classroom50, junit, summary
from coursegrader.publishing.exporting.export import export, write
from coursegrader.publishing.exporting.gradescope import results_json
from coursegrader.publishing.exporting.sheets import harmless


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    made = people.make_course(tmp_path_factory.mktemp("course"))
    people.make_class(made)
    return made


def rows(path: Path, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=delimiter))


def test_the_model_counts_as_the_gradebook_does(course: Course) -> None:
    results = read_results(course, "rnn")
    assert {student.id: student.total for student in results.students} == people.nbgrader_totals(course)
    assert {student.id: student.total for student in results.students} == people.TOTALS
    assert (results.max_points, results.bonus_points) == (people.REQUIRED, people.BONUS)


def test_the_model_knows_who_waits_who_is_late_and_who_handed_in_nothing(course: Course) -> None:
    by_id = {student.id: student for student in read_results(course, "rnn").students}
    assert [student for student, entry in by_id.items() if not entry.handed_in] == ["zoe"]
    assert by_id["bo"].waiting == 1
    assert by_id["dalia"].penalty == 2.0
    assert by_id["ada"].bonus == 2.0
    assert by_id["zoe"].waiting == 0


def test_a_changed_log_is_not_believed(course: Course, tmp_path: Path) -> None:
    path = course.grading / "bo" / "rnn" / "submission_log.json"
    text = path.read_text("utf-8")
    path.write_text(text.replace('"seed": "5eed"', '"seed": "other"'), "utf-8")
    try:
        by_id = {student.id: student for student in read_results(course, "rnn").students}
    finally:
        path.write_text(text, "utf-8")
    assert by_id["bo"].grading is None
    assert "signature" in by_id["bo"].log_problem
    assert by_id["bo"].total == people.TOTALS["bo"]


# -- CSV --------------------------------------------------------------------------------------------------------------


def test_csv_holds_every_student_and_every_total(course: Course, tmp_path: Path) -> None:
    path, notes = export(course, "rnn", "csv", output=tmp_path / "grades.csv")
    header, *lines = rows(path)
    table = [dict(zip(header, line, strict=True)) for line in lines]
    assert {line["student_id"]: float(line["total"]) for line in table} == people.nbgrader_totals(course)
    dalia = next(line for line in table if line["student_id"] == "dalia")
    assert (dalia["first_name"], dalia["last_name"]) == people.PEOPLE["dalia"][:2]
    bo = next(line for line in table if line["student_id"] == "bo")
    assert (bo["first_name"], bo["last_name"]) == people.PEOPLE["bo"][:2]
    assert [line["handed_in"] for line in table] == ["yes", "yes", "yes", "yes", "no"]
    assert notes == ["1 answers wait for a grader and count 0 so far"]


def test_points_that_were_given_on_another_scale_are_told(course: Course, tmp_path: Path) -> None:
    results = read_results(course, "rnn")
    cell = next(item.cell for s in results.students if s.id == "bo" for item in s.items if item.cell is not None)
    cell.max_points += 1
    notes = write(results, "csv", tmp_path / "grades.csv")
    assert any(
        f"1 students were graded when a question had other points (bo: a_first/{cell.grade_id})" in n for n in notes
    )
    assert {"students": ["bo"]}.items() <= describe(results)["actions"][0].items()


def test_no_cell_of_the_csv_begins_a_formula(course: Course, tmp_path: Path) -> None:
    path, _ = export(course, "rnn", "csv", output=tmp_path / "grades.csv")
    cells = [cell for row in rows(path) for cell in row]
    assert '\'=HYPERLINK("x")' in cells
    assert "'@SUM(A1)" in cells
    assert "'-1+1" in cells
    assert [
        cell for cell in cells if cell[:1] in "=+-@\t\r" and cell and not cell.lstrip("+-").replace(".", "").isdigit()
    ] == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@x", "\t=1", " =1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["Ada", "O'Neill", "a=b", "Jean-Luc", ""])
def test_other_text_is_left_alone(text: str) -> None:
    assert harmless(text) == text


# -- Canvas -----------------------------------------------------------------------------------------------------------

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework 0 (11),rnn (12345),Current Score\r\n"
    ",,,,,,Manual Posting,\r\n"
    "    Points Possible,,,,,10.00,12.00,(read only)\r\n"
    '"Lovelace, Ada",101,S1,ada@example.org,"A and ""B""",9.00,,88\r\n'
    '"Müller, Jr., Åsa",999,S2,bo@example.org,A,8.00,1.00,70\r\n'
    "الخوري داليا,103,S3,dalia,A,7.00,EX,60\r\n"
    '"\'=x",104,S4,eve,A,,,\r\n'
    '"Student, Test",900,,f00,A,,,\r\n'
)


def test_canvas_sheet_gets_totals_and_nothing_else(course: Course, tmp_path: Path) -> None:
    sheet = tmp_path / "canvas.csv"
    sheet.write_bytes(CANVAS.encode())
    path, notes = export(course, "rnn", "canvas", sheet=sheet, output=tmp_path / "filled.csv")
    before, after = rows(sheet), rows(path)
    totals = people.nbgrader_totals(course)
    assert float(after[3][6]) == totals["ada"]
    assert float(after[4][6]) == totals["bo"]
    assert after[5][6] == "EX"
    assert float(after[6][6]) == totals["eve"]
    assert after[7][6] == ""
    for old, new in zip(before, after, strict=True):
        assert old[:6] + old[7:] == new[:6] + new[7:]
    assert path.read_bytes().count(b"\r\n") == CANVAS.count("\r\n")
    assert any("Student, Test" in note for note in notes)
    assert any("zoe" in note for note in notes)
    assert any("dalia (EX)" in note for note in notes)


def test_canvas_with_semicolons_keeps_them(course: Course, tmp_path: Path) -> None:
    sheet = tmp_path / "canvas.csv"
    sheet.write_text("Student;ID;SIS Login ID;Section;rnn (5)\nAda;101;ada;A;\n", "utf-8")
    path, _ = export(course, "rnn", "canvas", sheet=sheet, output=tmp_path / "filled.csv")
    assert rows(path, ";") == [
        ["Student", "ID", "SIS Login ID", "Section", "rnn (5)"],
        ["Ada", "101", "ada", "A", "14"],
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Student,ID,Section,Homework (1)\nAda,101,A,\n", "no column fits"),
        ("Student,ID,Section,rnn (1),RNN (2)\nAda,101,A,,\n", "2 columns fit"),
        ("Name,Grade,Other\nAda,1,2\n", "no gradebook exported from Canvas"),
        ("Student,ID,Section,rnn\n    Points Possible,,,(read only)\nAda,101,A,\n", "read only"),
    ],
)
def test_a_canvas_sheet_that_cannot_be_filled_is_refused(course: Course, tmp_path: Path, text: str, words: str) -> None:
    sheet = tmp_path / "canvas.csv"
    sheet.write_text(text, "utf-8")
    with pytest.raises(CourseError, match=words):
        export(course, "rnn", "canvas", sheet=sheet, output=tmp_path / "filled.csv")
    assert not (tmp_path / "filled.csv").exists()


def test_canvas_points_possible_that_differ_are_said(course: Course, tmp_path: Path) -> None:
    sheet = tmp_path / "canvas.csv"
    sheet.write_text("Student,ID,Section,rnn (1)\n    Points Possible,,,20\nAda,101,A,\n", "utf-8")
    _, notes = export(course, "rnn", "canvas", sheet=sheet, output=tmp_path / "filled.csv")
    assert any("20 points possible" in note and "12" in note for note in notes)


# -- Moodle -----------------------------------------------------------------------------------------------------------

WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 101,Ada Lovelace,ada@example.org,Submitted,,12.00,Yes,"Sunday, 1 March 2026, 10:00 AM",-,\n'
    'Participant 777,"Åsa ""Bo"" Müller, Jr.",bo@example.org,Submitted,3.00,12.00,Yes,-,-,"kept, as it is"\n'
    "Participant 103,داليا الخوري,,Submitted,1.00,12.00,No,-,-,\n"
    "Participant 555,Somebody Else,else@example.org,No submission,,12.00,Yes,-,-,\n"
)


def test_moodle_worksheet_gets_totals_and_nothing_else(course: Course, tmp_path: Path) -> None:
    sheet = tmp_path / "worksheet.csv"
    sheet.write_bytes(b"\xef\xbb\xbf" + WORKSHEET.encode())
    path, notes = export(course, "rnn", "moodle", sheet=sheet, output=tmp_path / "filled.csv")
    before, after = rows(sheet), rows(path)
    totals = people.nbgrader_totals(course)
    assert [row[4] for row in after[1:]] == [f"{totals['ada']:g}", f"{totals['bo']:g}", "1.00", ""]
    for old, new in zip(before, after, strict=True):
        assert old[:4] + old[5:] == new[:4] + new[5:]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert any("above Moodle's maximum" in note and "ada" in note for note in notes)
    assert any("dalia (locked in Moodle)" in note for note in notes)


def test_moodle_decimal_comma_is_kept(course: Course, tmp_path: Path) -> None:
    sheet = tmp_path / "worksheet.csv"
    sheet.write_text('ID,Name,E-Mail-Adresse,Bewertung,Bestwertung\nTeilnehmer 102,Bo,,,"100,00"\n', "utf-8")
    path, notes = export(course, "rnn", "moodle", sheet=sheet, output=tmp_path / "filled.csv")
    assert rows(path)[1][3] == "5,5"
    assert any("the maximum grade is 100,00 in Moodle, the assignment's 12; points are not scaled" in n for n in notes)


def test_moodle_grade_export_is_found_by_its_id_numbers(course: Course, tmp_path: Path) -> None:
    sheet = tmp_path / "grades.csv"
    sheet.write_text(
        "First name,Last name,ID number,Email address,Assignment: rnn (Real),Course total (Real)\n"
        "bo,Whoever,ada,someone@example.org,-,-\n",
        "utf-8",
    )
    path, _ = export(course, "rnn", "moodle", sheet=sheet, output=tmp_path / "filled.csv")
    assert rows(path)[1][4:] == ["14", "-"]


def test_a_sheet_that_is_missing_or_not_utf8_is_refused(course: Course, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="--sheet"):
        export(course, "rnn", "moodle", output=tmp_path / "x.csv")
    sheet = tmp_path / "latin.csv"
    sheet.write_bytes("Identifier,Name,Grade\nParticipant 1,Müller,\n".encode("latin-1"))
    with pytest.raises(CourseError, match="not UTF-8"):
        export(course, "rnn", "moodle", sheet=sheet, output=tmp_path / "x.csv")


# -- Gradescope -------------------------------------------------------------------------------------------------------

#: The fields of the public specification: gradescope-autograders.readthedocs.io, "Output format".
TOP = {
    "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
    "stdout_visibility", "extra_data", "tests", "leaderboard",
}  # fmt: skip
TEST = {
    "score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags", "visibility",
    "extra_data",
}  # fmt: skip


def test_gradescope_results_follow_the_specification(course: Course, tmp_path: Path) -> None:
    folder, _ = export(course, "rnn", "gradescope", output=tmp_path / "gradescope")
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    assert {student: data["score"] for student, data in found.items()} == people.nbgrader_totals(course)
    for data in found.values():
        assert set(data) <= TOP
        assert data["stdout_visibility"] == "hidden"
        for test in data["tests"]:
            assert set(test) <= TEST
            assert test.get("status") in (None, "passed", "failed")
            assert isinstance(test["name"], str)
            assert ("score" in test) == ("max_score" in test)
    waiting = [test for test in found["bo"]["tests"] if "score" not in test]
    assert [test["name"].split()[0] for test in waiting] == ["b_second/q1"]
    assert "2 points were taken off" in found["dalia"]["output"]
    bonus = next(test for test in found["ada"]["tests"] if "bonus" in test["tags"])
    assert (bonus["score"], bonus["max_score"]) == (2.0, 2.0)


def test_gradescope_text_is_the_students_view(course: Course, tmp_path: Path) -> None:
    folder, _ = export(course, "rnn", "gradescope", output=tmp_path / "gradescope")
    text = "".join(path.read_text("utf-8") for path in folder.glob("*.json"))
    assert [word for word in people.SECRETS if word in text] == []
    assert "You add 2; the task says *twice*." in text
    assert "Max error f (case 1): 0.25" in text


# -- JUnit ------------------------------------------------------------------------------------------------------------


def test_junit_has_the_elements_and_attributes_that_ci_systems_read(course: Course, tmp_path: Path) -> None:
    path, _ = export(course, "rnn", "junit", output=tmp_path / "junit.xml")
    root = ET.parse(path).getroot()
    assert root.tag == "testsuites"
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == set(people.PEOPLE)
    for suite in suites.values():
        cases = suite.findall("testcase")
        assert all(case.get("name") and case.get("classname") and float(case.get("time", "x")) >= 0 for case in cases)
        counted = {tag: sum(case.find(tag) is not None for case in cases) for tag in ("failure", "error", "skipped")}
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(counted["failure"])
        assert suite.get("errors") == str(counted["error"])
        assert suite.get("skipped") == str(counted["skipped"])
        assert {child.tag for case in cases for child in case} <= {"failure", "error", "skipped", "system-out"}
    totals = {
        name: float(suite.find("properties/property[@name='total']").get("value"))  # type: ignore[union-attr]
        for name, suite in suites.items()
    }
    assert totals == people.nbgrader_totals(course)
    assert suites["bo"].find("testcase[@name='q1']/skipped") is not None
    assert suites["ada"].find("testcase[@name='test_f']/failure") is None
    assert suites["dalia"].find("testcase[@name='test_f']/failure") is not None
    text = path.read_text("utf-8")
    assert [word for word in people.SECRETS if word in text] == []


def test_junit_survives_what_xml_cannot_hold(course: Course) -> None:
    from coursegrader.publishing.exporting.ci import junit

    results = read_results(course, "rnn")
    results.students[0].id = "a\x00\x1b[31m\ud800b"
    suite = ET.fromstring(junit(results))[0]
    assert suite.get("name") == "a\ufffd\ufffd[31m\ufffdb"


# -- Classroom 50 -----------------------------------------------------------------------------------------------------

RUNNER = {
    "CLASSROOM": "cs",
    "ASSIGNMENT": "rnn",
    "OWNER": "octo",
    "ASSIGNMENT_TYPE": "individual",
    "SUBMISSION_TAG": "submit/2026-03-01T10-00-00Z-abcdef1",
    "COMMIT_URL": "https://example.org/c",
    "RELEASE_URL": "https://example.org/r",
    "REVIEW_URL": "https://example.org/v",
}


def problems_of_result_v1(data: dict) -> list[str]:
    """Check a result against the rules of ``classroom50/result/v1`` as its project publishes them."""
    texts = ("classroom", "assignment", "owner", "commit", "release", "review", "datetime")
    found = [name for name in texts if not (isinstance(data.get(name), str) and data[name])]
    found += [] if data["schema"] == "classroom50/result/v1" else ["schema"]
    found += [] if data["assignment_type"] in ("individual", "group", "team") else ["assignment_type"]
    found += [] if data["submission"].startswith("submit/") else ["submission"]
    allowed = {
        *texts,
        "schema",
        "assignment_type",
        "submission",
        "score",
        "max-score",
        "tests",
        "graded_at",
        "submitted_by",
    }
    found += sorted(set(data) - allowed)
    for entry in [data, *data["tests"]]:
        score, most = entry["score"], entry["max-score"]
        whole = type(score) is int and type(most) is int
        found += [] if whole and 0 <= score <= most else [f"score {score} of {most}"]
    found += [t for t in data["tests"] if not (t["test-name"] and type(t["passed"]) is bool)]
    return found


def test_classroom50_results_follow_its_rules(course: Course) -> None:
    results = read_results(course, "rnn")
    for student in results.students:
        for environment in (RUNNER, {}):
            data = classroom50(results, student, environment)
            assert problems_of_result_v1(json.loads(json.dumps(data))) == []
            assert abs(data["score"] - student.total) <= 0.5
    ada = classroom50(results, results.students[0], RUNNER)
    assert (ada["score"], ada["max-score"]) == (14, 14)
    assert (ada["owner"], ada["commit"]) == ("octo", "https://example.org/c")
    dalia = classroom50(results, results.students[2], {})
    assert dalia["score"] == 5
    assert dalia["tests"][-1]["test-name"] == "late penalty"


@pytest.mark.parametrize(
    "values", [[2.5, 0.5], [0.5, 0.5, 0.5], [1 / 3] * 3, [0.0], [], [2.5, 3.0, 0.0, 0.2], [0.6, 0.6]]
)
def test_points_are_rounded_so_that_the_sum_is_right(values: list[float]) -> None:
    whole = apportion(values)
    assert abs(sum(whole) - sum(values)) <= 0.5
    assert all(abs(w - v) < 1 for w, v in zip(whole, values, strict=True))


# -- the rest ---------------------------------------------------------------------------------------------------------


def test_summary_shows_points_and_hints_and_nothing_hidden(course: Course, tmp_path: Path) -> None:
    path, _ = export(course, "rnn", "summary", student="dalia", output=tmp_path / "summary.md")
    text = path.read_text("utf-8")
    assert "## dalia: 5 of 12 points" in text
    assert r"You add 2; the task says \*twice\*." in text
    assert [word for word in people.SECRETS if word in text] == []
    assert all(line.count("|") - line.count(r"\|") == 5 for line in text.splitlines() if line.startswith("|"))


def test_every_format_has_the_same_totals(course: Course, tmp_path: Path) -> None:
    csv_path, _ = export(course, "rnn", "csv", output=tmp_path / "g.csv")
    header, *lines = rows(csv_path)
    totals = {line[0]: float(line[header.index("total")]) for line in lines}
    folder, _ = export(course, "rnn", "gradescope", output=tmp_path / "gs")
    assert {path.stem: json.loads(path.read_text())["score"] for path in folder.glob("*.json")} == totals
    root = ET.parse(export(course, "rnn", "junit", output=tmp_path / "j.xml")[0]).getroot()
    assert {
        suite.get("name"): float(suite.find("properties/property[@name='total']").get("value"))  # type: ignore[union-attr]
        for suite in root
    } == totals


def test_one_student_can_be_exported_into_one_file(course: Course, tmp_path: Path) -> None:
    path, _ = export(course, "rnn", "gradescope", student="ada", output=tmp_path / "results.json")
    assert json.loads(path.read_text())["score"] == 14.0
    with pytest.raises(CourseError, match="name a folder"):
        export(course, "rnn", "gradescope", output=tmp_path / "results.json")
    with pytest.raises(CourseError, match="no student 'nobody'"):
        export(course, "rnn", "csv", student="nobody", output=tmp_path / "x.csv")


def test_the_command_prints_what_it_wrote_and_what_to_know(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    code = main(["--course", str(course.root), "export", "rnn", "--to", "csv", "--output", str(tmp_path / "g.csv")])
    printed = capsys.readouterr()
    assert code == 0
    assert str(tmp_path / "g.csv") in printed.out
    assert "1 answers wait" in printed.err
    assert main(["--course", str(course.root), "export", "rnn", "--to", "canvas"]) == 2


def test_who_handed_in_and_has_no_row_makes_the_command_say_so(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    sheet = tmp_path / "canvas.csv"
    sheet.write_text("Student,ID,Section,rnn (5)\nAda,101,A,\nZoë,105,A,\n", "utf-8")
    command = ["--course", str(course.root), "export", "--to", "canvas", "--sheet", str(sheet)]
    assert main([*command, "--output", str(tmp_path / "filled.csv")]) == 1
    assert "bo, dalia, eve" in capsys.readouterr().err
    assert [row[3] for row in rows(tmp_path / "filled.csv")[1:]] == ["14", ""]


def test_nbgrader_export_runs_the_plugins(course: Course, tmp_path: Path) -> None:
    for name, file in (("Csv", "p.csv"), ("JUnit", "p.xml"), ("Gradescope", "gs"), ("Classroom50", "c50")):
        command = [sys.executable, "-m", "nbgrader", "export", f"--exporter=coursegrader.plugins.{name}"]
        command += [f"--to={tmp_path / file}", '--assignment=["rnn"]']
        done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    header, *lines = rows(tmp_path / "p.csv")
    assert {line[0]: float(line[header.index("total")]) for line in lines} == people.nbgrader_totals(course)
    assert (tmp_path / "c50" / "ada.json").is_file()
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "export"], cwd=course.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert rows(course.root / "grades.csv") == rows(tmp_path / "p.csv")  # ours is the default
    sheet = tmp_path / "canvas.csv"
    sheet.write_bytes(CANVAS.encode())
    command = [sys.executable, "-m", "nbgrader", "export", "--exporter=coursegrader.plugins.Canvas"]
    command += [f"--to={tmp_path / 'filled.csv'}", '--assignment=["rnn"]', f"--Canvas.sheet={sheet}"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "filled.csv")[3][6] == "14"


# -- what platforms show to students ----------------------------------------------------------------------------------

SHOWN = {
    "junit": lambda results, student: junit(results).decode(),
    "summary": lambda results, student: summary(results),
    "classroom50": lambda results, student: json.dumps(classroom50(results, student, {})),
    "gradescope": lambda results, student: json.dumps(results_json(results, student)),
}


@pytest.mark.parametrize("platform", SHOWN)
def test_a_platform_shows_what_the_page_would_and_no_more(course: Course, platform: str) -> None:
    results = read_results(course, "rnn")
    student = next(student for student in results.students if student.id == "eve")
    assert student.grading is not None
    cell = next(item.cell for item in student.items if item.grade_id == "test_f")
    assert cell is not None
    cell.seconds = 17.345678
    judged = [EvidenceResult(f"f {n}", "wrong_value", 0.0, max_error=n + 0.123456789, where=[n]) for n in range(1, 60)]
    failed = EvidenceResult("f 60", UNJUDGED, 0.0, message="the tests failed", fault="judges.py, line 7", judge="own")
    cell.evidence = [*judged, failed]
    student.grading.notebooks[0].cells = [cell]
    student.grading.notebooks[0].findings.append(Finding("judge_failed", "a_first", "judges.py, line 7"))
    shown = SHOWN[platform](results, student).replace("\\", "")  # as a reader sees it
    assert "Max error f (case 1): 1.1 at [1]" in shown
    for secret in ("123456789", "17.345", "uses sys", "touches", "judges.py, line 7"):
        assert secret not in shown, secret
    assert "59.1" not in shown  # by then the page's room was used up
    assert shown.count("another value was expected") >= 30
    assert "the tests failed" in shown
    assert student.grading.notebooks[0].findings[0].code == "touches_internals"  # the instructor's own stays
