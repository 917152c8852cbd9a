"""Does the way from handed-in work to every file people read hold together, with kernels and all?"""

from __future__ import annotations

import csv
import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import people
import pytest
from bs4 import BeautifulSoup

from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.grading.gradebook.scores import read_results

NAME = "1_backprop"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return the real course with its first notebook only, and the demo class graded."""
    root = tmp_path_factory.mktemp("demo") / "course"
    source = people.ROOT / "source" / "rnn"
    (root / "source" / "rnn").mkdir(parents=True)
    shutil.copyfile(people.ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    shutil.copyfile(source / f"{NAME}.ipynb", root / "source" / "rnn" / f"{NAME}.ipynb")
    for bank in ("mistakes", "alternatives"):
        shutil.copytree(source / bank / NAME, root / "source" / "rnn" / bank / NAME)
    for command in ("demo", "autograde", "feedback", "report"):
        assert main(["--course", str(root), command]) in (0, 1)
    return Course.open(root)


def run(course: Course, *words: str) -> int:
    return main(["--course", str(course.root), *words])


@pytest.mark.slow
def test_every_file_says_what_the_gradebook_says(course: Course, tmp_path: Path) -> None:
    wanted = {student: round(total, 4) for student, total in people.nbgrader_totals(course).items()}
    assert len(set(wanted.values())) >= 4  # a class with differences
    assert {s.id: round(s.total, 4) for s in read_results(course, "rnn").students} == wanted
    for to in ("csv", "gradescope", "junit", "classroom50"):
        assert run(course, "export", "--to", to, "--output", str(tmp_path / to)) == 0
    with (tmp_path / "csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["student_id"]: float(row["total"]) for row in csv.DictReader(file)} == wanted
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in (tmp_path / "gradescope").glob("*.json")}
    assert {student: round(data["score"], 4) for student, data in found.items()} == wanted
    suites = ET.parse(tmp_path / "junit").getroot()
    totals = {suite.get("name"): suite.find("properties/property[@name='total']").get("value") for suite in suites}  # type: ignore[union-attr]
    assert {student: round(float(value), 4) for student, value in totals.items()} == wanted
    report = json.loads((course.grading / "report" / "rnn" / "report.json").read_text("utf-8"))
    assert {row["id"]: round(row["total"], 4) for row in report["students"]} == wanted


@pytest.mark.slow
def test_each_page_says_its_points_and_who_made_a_known_mistake_reads_its_hint(course: Course) -> None:
    for student in read_results(course, "rnn").students:
        path = course.root / "feedback" / student.id / "rnn" / f"{NAME}.html"
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        assert soup.select_one(".total").get_text().startswith(f"{student.total:g} of 10 points")
        for item in student.items:
            card = soup.select_one(f"#q-{item.grade_id}")
            hint = item.cell.hint if item.cell else None
            if hint:
                first = re.split(r"[\n`*]", hint)[0]
                assert first in card.select_one(".hint").get_text()
            if item.points is not None and item.points < item.max_points:
                said = card.select_one(".hint, .evidence, p:not(.result)")
                assert said is not None or "none" in card["class"], "what was not answered needs no more words"


@pytest.mark.slow
def test_no_page_log_or_export_for_students_holds_hidden_text(course: Course, tmp_path: Path) -> None:
    notebook = course.assignment("rnn").notebooks[NAME]
    shown = "\n".join(cell.source for cell in notebook.release.cells)
    hidden = {
        line.strip()
        for cell in notebook.graded.values()
        for line in (cell.hidden or "").splitlines()
        if len(line.strip()) > 20 and line.strip() not in shown
    }
    assert len(hidden) > 5
    for to in ("gradescope", "junit", "classroom50", "summary"):
        assert run(course, "export", "--to", to, "--output", str(tmp_path / to)) == 0
    files = [path for folder in (course.root / "feedback", tmp_path) for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        text = path.read_text("utf-8")
        text = BeautifulSoup(text, "html.parser").get_text() if path.suffix == ".html" else text
        assert [line for line in hidden if line in text] == [], path
