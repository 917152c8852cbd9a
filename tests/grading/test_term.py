"""A term: 40 students, collected three times, graded by hand, a test mended, an extension, sheets of two platforms.

After each step every place that shows points shows the same ones, and who moved is who should have.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
import small_course
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from coursegrader.box import forkserver
from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.engine.kernel import Kernel
from coursegrader.grading.gradebook.scores import read_results

RIGHT = {
    "double": "def double(x):\n    return 2 * x",
    "best": "best = 41.5",
    "q_why_answer": "Two times two.",
    "triple": "def triple(x):\n    return 3 * x",
    "shout": "def shout(word):\n    return word.upper() + '!'",
}
#: Kinds of submissions, and what the tests give for them.
KINDS = {
    "right": (RIGHT, 9.0),
    "off": (RIGHT | {"double": "def double(x):\n    return 2 * x + 0.01"}, 7.0),
    "quiet": (RIGHT | {"shout": "def shout(word):\n    return word"}, 7.0),
    "partly": (RIGHT | {"triple": "def triple(x):\n    return 3 * abs(x)"}, 8.0),  # one of two cases, weight 3 of 4
    "blank": ({}, 0.0),
}
CLASS = {f"s{number:02}": list(KINDS)[number % 5] for number in range(40)}
NAMES = ["Lovelace, Ada", "O'Neil, Zoë", "von Neumann, John, Jr.", "سلام, نور", "Đặng, Ánh", "Lovelace, Ada"]
FIRST, SECOND = list(CLASS)[:30], list(CLASS)[30:36]
DUE = "2026-01-10 12:00:00 UTC"
LATE = "2026-01-11 12:00:00 UTC"


@pytest.fixture(scope="module", autouse=True)
def _no_server_is_left():
    yield
    forkserver.close()


def hand_in(course: Course, student: str, answers: dict[str, str], when: str = DUE) -> None:
    (small_course.hand_in(course, student, answers) / "timestamp.txt").write_text(when, "utf-8")


def command(course: Course, *words: str) -> int:
    return main(["--course", str(course.root), *words])


class Term:
    """A course, and what the gradebook must say of it."""

    def __init__(self, course: Course, capsys: pytest.CaptureFixture) -> None:
        self.course, self.capsys = course, capsys
        self.totals: dict[str, float] = {}

    def grade(self, expected: dict[str, float], moved: dict[str, tuple[str, float, str]], *words: str) -> None:
        """Grade, and see that totals and moves are as expected, and the same everywhere.

        Args:
            expected: Totals that are others than before, or new.
            moved: Cell, difference and reason, by student.
            words: Options of the command.
        """
        self.totals |= expected
        self.capsys.readouterr()
        assert command(self.course, "autograde", "week", "--json", *words) == 0
        printed = json.loads(self.capsys.readouterr().out)
        assert self.gradebook() == self.totals
        assert {who: row["total"] for who, row in printed["students"].items()}.items() <= self.totals.items()
        assert {m["student"]: (m["grade_id"], m["after"] - m["before"], m["reason"]) for m in printed["moved"]} == moved
        self.terminal()
        self.pages()
        self.report()
        self.export()

    def gradebook(self) -> dict[str, float]:  # noqa: D102
        with Gradebook(self.course.directory.db_url) as book:
            rows = book.assignment_submissions("week")
            return {row.student_id: max(0.0, row.score - row.late_submission_penalty) for row in rows}

    def terminal(self) -> None:
        """Grading again moves nobody and prints everybody."""
        assert command(self.course, "autograde", "week") == 0
        out = self.capsys.readouterr().out
        shown = re.findall(r"^(s\d\d) .*? ([\d.]+)/14(?: |$)", out, re.MULTILINE)
        assert {student: float(total) for student, total in shown} == self.totals
        assert "moved" not in out

    def pages(self) -> None:  # noqa: D102
        assert command(self.course, "feedback", "week", "--student", "s?[05]") == 0
        for who, total in self.totals.items():
            if who[-1] in "05":
                page = (self.course.root / "feedback" / who / "week" / "index.html").read_text("utf-8")
                said = BeautifulSoup(page, "html.parser").select_one(".total").get_text()
                assert said.startswith(f"{total:g} of ")

    def report(self) -> None:  # noqa: D102
        assert command(self.course, "report", "week") == 0
        report = json.loads((self.course.grading / "report" / "week" / "report.json").read_text("utf-8"))
        shown = {row["id"]: row["total"] for row in report["students"] if row["handed_in"]}
        assert shown == self.totals

    def export(self) -> None:  # noqa: D102
        assert command(self.course, "export", "week", "--to", "csv") == 0
        path = self.course.root / "exports" / "week" / "grades.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            shown = {row["student_id"]: float(row["total"] or 0.0) for row in csv.DictReader(file)}
        assert {who: shown[who] for who in self.totals} == self.totals

    def filled(self, kind: str, sheet: Path, key: str, column: str) -> dict[str, str]:
        """Fill a platform's own sheet and return what stands in it, by student."""
        out = sheet.with_name(f"filled-{kind}.csv")
        assert command(self.course, "export", "week", "--to", kind, "--sheet", str(sheet), "--output", str(out)) == 0
        with out.open(encoding="utf-8-sig", newline="") as file:
            return {row[key].partition("@")[0]: row[column] for row in csv.DictReader(file)}


@pytest.mark.slow
def test_the_numbers_agree_all_term(
    tmp_path: Path, make_course, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_course(tmp_path / "course")
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    term = Term(course, capsys)
    given = {student: KINDS[kind][1] for student, kind in CLASS.items()}

    canvas = tmp_path / "canvas.csv"  # everybody comes from the platform, as it writes them
    with canvas.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerows(
            [["Student", "ID", "SIS Login ID", "Section", "week (5)"], ["    Points Possible", "", "", "", "14"]]
        )
        rows.writerows([NAMES[n % 6], 100 + n, student, "A", ""] for n, student in enumerate(CLASS))
    assert command(course, "roster", str(canvas)) == 0

    for student in FIRST:
        hand_in(course, student, KINDS[CLASS[student]][0])
    term.grade({student: given[student] for student in FIRST}, {})

    readers = [student for student in FIRST if CLASS[student] != "blank"]
    with Gradebook(course.directory.db_url) as book:  # a person reads the answers
        for name in readers:
            grade = book.find_grade("q_why", "1_numbers", "week", name)
            assert grade.needs_manual_grade
            grade.manual_score, grade.needs_manual_grade = 2.5, False
        book.db.commit()
    term.grade({student: given[student] + 2.5 for student in readers}, {})
    assert read_results(course, "week").waiting == 0, "what was read stays read"

    again = [student for student in FIRST if CLASS[student] == "quiet"]  # the second collection
    for student in again:
        hand_in(course, student, RIGHT)
    hand_in(course, "s05", RIGHT | {"q_why_answer": "I have thought again."})
    for student in SECOND:
        hand_in(course, student, KINDS[CLASS[student]][0], LATE)
    term.grade(
        {student: 11.5 for student in again} | {student: given[student] for student in SECOND},
        {student: ("test_shout", 2.0, "answer changed") for student in again},
    )
    waiting = {
        s.id: [(i.grade_id, i.before) for i in s.items if i.waiting] for s in read_results(course, "week").students
    }
    assert {who: found for who, found in waiting.items() if found} == {"s05": [("q_why", 2.5)]} | {
        student: [("q_why", None)] for student in SECOND if CLASS[student] != "blank"
    }

    with Gradebook(course.directory.db_url) as book:
        book.update_or_create_assignment("week", duedate=DUE)
    term.grade(dict.fromkeys(SECOND, 0.0), {}, "--only-changed")
    with Gradebook(course.directory.db_url) as book:
        for student in ("s31", "s32"):
            book.grant_extension("week", student, days=2)
    term.grade({student: given[student] for student in ("s31", "s32")}, {}, "--only-changed")

    path = course.root / "source" / "week" / "1_numbers.ipynb"  # a tolerance is mended
    text = path.read_text("utf-8")
    path.write_text(text.replace("standard_normal(size)))", "standard_normal(size)), atol=0.05)"), "utf-8")
    mended = {student: ("test_double", 2.0, "tolerance changed") for student in term.totals if CLASS[student] == "off"}
    boxes: list[object] = []
    monkeypatch.setattr(Kernel, "start", boxes.append)  # whoever starts one gets nothing to work with
    before = term.gradebook()
    capsys.readouterr()
    assert command(course, "autograde", "week", "--json", "--rejudge", "--dry-run") == 0
    moved = json.loads(capsys.readouterr().out)["moved"]
    assert {
        move["student"]: (move["grade_id"], move["after"] - move["before"], move["reason"]) for move in moved
    } == mended
    assert command(course, "autograde", "week", "--rejudge", "--dry-run") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "nothing was saved"
    assert term.gradebook() == before
    penalised = [student for student in SECOND if student not in ("s31", "s32")]
    term.grade({who: term.totals[who] + 2.0 for who in mended if who not in penalised}, mended, "--rejudge")
    assert boxes == []
    monkeypatch.undo()

    rest = [student for student in CLASS if student not in term.totals]  # the third collection
    for student in rest:
        hand_in(course, student, KINDS[CLASS[student]][0])
    term.grade({student: 9.0 if CLASS[student] == "off" else given[student] for student in rest}, {})
    assert len(term.totals) == len(CLASS)

    filled = term.filled("canvas", canvas, "SIS Login ID", "week (5)")
    assert {who: float(value) for who, value in filled.items() if who} == term.totals
    moodle = tmp_path / "moodle.csv"
    with moodle.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Last modified (grade)"]
        )
        rows.writerows(
            [f"Participant {n}", NAMES[n % 6].replace(",", ""), f"{who}@x.edu", "", "", "14.00", "-"]
            for n, who in enumerate(CLASS)
        )
    with Gradebook(course.directory.db_url) as book:
        for student in CLASS:
            book.update_or_create_student(student, email=f"{student}@x.edu")
    filled = term.filled("moodle", moodle, "Email address", "Grade")
    assert {who: float(value) for who, value in filled.items()} == term.totals
