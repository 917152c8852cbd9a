"""A term in small: collected three times, graded by hand, a test mended, an extension, and a sheet for the platform.

After each step every place that shows points shows the same ones.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from coursegrader.box import forkserver
from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.grading.gradebook.scores import read_results

NAMES = [f"s{number:02}" for number in range(6)]
RIGHT = {
    "double": "def double(x):\n    return 2 * x",
    "best": "best = 41.5",
    "q_why_answer": "Two times two.",
    "triple": "def triple(x):\n    return 3 * x",
    "shout": "def shout(word):\n    return word.upper() + '!'",
}
OFF = RIGHT | {"double": "def double(x):\n    return 2 * x + 0.01"}
DUE = "2026-01-10 12:00:00 UTC"
LATE = "2026-01-11 12:00:00 UTC"


@pytest.fixture(scope="module", autouse=True)
def _no_server_is_left():
    yield
    forkserver.close()


def hand_in(course: Course, student: str, answers: dict[str, str], when: str = DUE) -> None:
    folder = course.step("submitted", student, "week")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, notebook in course.assignment("week").notebooks.items():
        nb = nbformat.from_dict(json.loads(json.dumps(notebook.release)))
        for cell in nb.cells:
            cell.source = answers.get(cell.id, cell.source)
        nbformat.write(nb, folder / f"{name}.ipynb")
    (folder / "timestamp.txt").write_text(when, "utf-8")


def command(course: Course, *words: str) -> int:
    return main(["--course", str(course.root), *words])


def totals(course: Course, capsys: pytest.CaptureFixture, *words: str) -> dict[str, float]:
    """Grade, and return the totals after having seen that every place has the same."""
    capsys.readouterr()
    assert command(course, "autograde", "week", "--json", *words) == 0
    printed = json.loads(capsys.readouterr().out)
    for step in (["feedback", "week"], ["report", "week"], ["export", "week", "--to", "csv"]):
        assert command(course, *step) == 0
    with Gradebook(course.directory.db_url) as book:
        rows = book.assignment_submissions("week")
        wanted = {row.student_id: max(0.0, row.score - row.late_submission_penalty) for row in rows}
    assert {s.id: s.total for s in read_results(course, "week").students} == wanted
    assert {who: row["total"] for who, row in printed["students"].items()}.items() <= wanted.items()
    report = json.loads((course.grading / "report" / "week" / "report.json").read_text("utf-8"))
    assert {row["id"]: row["total"] for row in report["students"]} == wanted
    with (course.root / "exports" / "week" / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["student_id"]: float(row["total"]) for row in csv.DictReader(file)} == wanted
    for who, total in wanted.items():
        page = (course.root / "feedback" / who / "week" / "index.html").read_text("utf-8")
        assert BeautifulSoup(page, "html.parser").select_one(".total").get_text().startswith(f"{total:g} of ")
    return wanted


@pytest.mark.slow
def test_the_numbers_agree_all_term(tmp_path: Path, make_course, capsys: pytest.CaptureFixture) -> None:
    course = make_course(tmp_path / "course")
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    for name in NAMES[:4]:
        hand_in(course, name, OFF if name == "s01" else RIGHT)
    first = totals(course, capsys)
    assert first["s00"] - first["s01"] == 2.0

    with Gradebook(course.directory.db_url) as book:  # a person reads the answers
        for name in NAMES[:4]:
            grade = book.find_grade("q_why", "1_numbers", "week", name)
            grade.manual_score, grade.needs_manual_grade = 2.5, False
        book.db.commit()
    assert totals(course, capsys) == {who: total + 2.5 for who, total in first.items()}
    assert read_results(course, "week").waiting == 0, "what was read stays read"

    hand_in(course, "s02", RIGHT | {"q_why_answer": "I have thought again."})  # the second collection
    hand_in(course, "s04", RIGHT, LATE)
    totals(course, capsys)
    waiting = {
        s.id: [(i.grade_id, i.before) for i in s.items if i.waiting] for s in read_results(course, "week").students
    }
    assert {who: found for who, found in waiting.items() if found} == {
        "s02": [("q_why", 2.5)],
        "s04": [("q_why", None)],
    }

    with Gradebook(course.directory.db_url) as book:
        book.update_or_create_assignment("week", duedate=DUE)
    assert totals(course, capsys, "--only-changed")["s04"] == 0.0
    with Gradebook(course.directory.db_url) as book:
        book.grant_extension("week", "s04", days=2)
    assert totals(course, capsys, "--only-changed")["s04"] == first["s00"]

    path = course.root / "source" / "week" / "1_numbers.ipynb"  # a tolerance is mended
    text = path.read_text("utf-8")
    path.write_text(text.replace("standard_normal(size)))", "standard_normal(size)), atol=0.05)"), "utf-8")
    hand_in(course, "s05", RIGHT)  # the third collection
    last = totals(course, capsys)
    assert last["s01"] == last["s00"]
    moved = json.loads((course.grading / "report" / "week" / "report.json").read_text("utf-8"))["moved"]
    assert [(move["student"], move["grade_id"], move["after"] - move["before"]) for move in moved] == [
        ("s01", "test_double", 2.0)
    ]

    sheet = tmp_path / "canvas.csv"
    lines = ["Student,ID,SIS Login ID,Section,week (5)", *(f"Somebody,{n},{name},A," for n, name in enumerate(NAMES))]
    sheet.write_text("\n".join(lines) + "\n", "utf-8")
    filled = tmp_path / "filled.csv"
    assert command(course, "export", "week", "--to", "canvas", "--sheet", str(sheet), "--output", str(filled)) == 0
    with filled.open(encoding="utf-8", newline="") as file:
        assert {row["SIS Login ID"]: float(row["week (5)"]) for row in csv.DictReader(file)} == last
