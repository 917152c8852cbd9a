"""Notebooks that come to an assignment or leave it after students handed in: grading goes on, and all totals agree."""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from small_course import hand_in

from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.errors import DEGRADED, FAILED, FINE

RIGHT = {"double": "def double(x):\n    return 2 * x", "shout": 'def shout(word):\n    return word.upper() + "!"'}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, make_course: Callable[[Path], Course]) -> Path:
    """Return a course that is released and graded, with pages and a score by hand; shared, so only to be copied."""
    course = make_course(tmp_path_factory.mktemp("kept") / "course")
    hand_in(course, "ada", RIGHT)
    hand_in(course, "bob", {})
    for words in (["release"], ["autograde", "--jobs", "1"], ["feedback"]):
        assert main(["--course", str(course.root), *words]) == FINE
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("test_shout", "2_words", "week", "ada")
        grade.manual_score, grade.extra_credit = 1.5, 0.25
        gradebook.db.commit()
    return course.root


@pytest.fixture
def root(kept: Path, tmp_path: Path) -> Path:
    """Return a course of its own that is released and graded."""
    shutil.copytree(kept, tmp_path / "course")
    return tmp_path / "course"


def run(root: Path, *words: str) -> int:
    return main(["--course", str(root), *words])


def totals(root: Path) -> set[tuple[str, float, float]]:
    """Return who has how many points of how many, as everything that tells it does; all must agree."""
    assert run(root, "export", "--to", "csv") == FINE
    assert run(root, "feedback") == FINE
    with (root / "exports" / "week" / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        exported = {(row["student_id"], float(row["total"]), float(row["max_points"])) for row in csv.DictReader(file)}
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        kept = {(one.student.id, one.score, one.max_score) for one in gradebook.assignment_submissions("week")}
    pages = set()
    for student in ("ada", "bob"):
        page = html.unescape((root / "feedback" / student / "week" / "index.html").read_text("utf-8"))
        match = re.search(r"([\d.]+)\s+of\s+([\d.]+)\s+points", re.sub(r"<[^>]+>", " ", page))
        assert match is not None
        pages.add((student, float(match[1]), float(match[2])))
    assert exported == kept == pages
    return exported


def add(root: Path, name: str = "3_more") -> None:
    shutil.copyfile(root / "source" / "week" / "2_words.ipynb", root / "source" / "week" / f"{name}.ipynb")


ADDED = "3_more was added after submissions: whoever has not handed it in earns nothing for it"


@pytest.mark.parametrize("first", ["release", "autograde"])
def test_an_added_notebook_counts_as_not_handed_in_and_that_is_said(
    root: Path, first: str, capsys: pytest.CaptureFixture[str]
) -> None:
    add(root)
    if first == "release":
        assert run(root, "release") == FINE
        assert ADDED in capsys.readouterr().err
    assert run(root, "autograde", "--jobs", "1") == DEGRADED
    told = capsys.readouterr()
    assert (ADDED in told.err) == (first == "autograde")
    assert "degraded: ada: 3_more.ipynb was not handed in" in told.out
    assert re.search(r"^ada +2/12 +1\.75/2 +0/2 +3\.75/16 ", told.out, re.MULTILINE)
    assert totals(root) == {("ada", 3.75, 16), ("bob", 0, 16)}
    assert "3_more.ipynb was not handed in" in (root / "feedback" / "ada" / "week" / "index.html").read_text("utf-8")


def test_who_hands_in_an_added_notebook_earns_its_points(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(root)
    hand_in(Course.open(root), "ada", RIGHT)
    assert run(root, "autograde", "--jobs", "1", "--student", "ada") == FINE
    assert re.search(r"^ada +2/12 +1\.75/2 +2/2 +5\.75/16 ", capsys.readouterr().out, re.MULTILINE)
    assert run(root, "export", "--to", "csv") == FINE  # and nobody waits for what was not graded yet
    assert "wait for a grader" not in capsys.readouterr().err


@pytest.mark.parametrize("first", ["release", "autograde"])
def test_a_removed_notebook_counts_nowhere_and_what_was_there_is_kept(
    root: Path, first: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "source" / "week" / "2_words.ipynb").unlink()
    said = (
        f"2_words is no longer in {root}/source/week: it is not graded and counts for nobody; what was there is kept "
    )
    capsys.readouterr()
    for words in (["release"], ["autograde", "--jobs", "1"]) if first == "release" else (["autograde", "--jobs", "1"],):
        assert run(root, *words) == FINE
    told = capsys.readouterr()
    assert told.err.count(said) == 1
    assert re.search(r"^ada +2/12 +2/12 +1 full, 4 no_response$", told.out, re.MULTILINE)
    assert totals(root) == {("ada", 2, 12), ("bob", 0, 12)}
    assert not list(root.glob("autograded/*/week/2_words*"))
    assert not list(root.glob("feedback/*/week/2_words*"))
    folder = root / "grading" / "removed" / "week" / "2_words-1"
    files = ["ada.html", "ada.ipynb", "bob.html", "bob.ipynb", "scores.json"]
    assert sorted(path.name for path in folder.iterdir()) == files
    scores = json.loads((folder / "scores.json").read_text())
    assert scores["ada"]["grades"]["test_shout"] == {"auto_score": 2.0, "manual_score": 1.5, "extra_credit": 0.25}
    assert run(root, "autograde", "--jobs", "1", "--only-changed") == FINE
    assert "unchanged: 2 students" in capsys.readouterr().out


def test_a_renamed_notebook_is_graded_under_its_new_name(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = root / "source" / "week"
    (source / "2_words.ipynb").rename(source / "2_wordplay.ipynb")
    assert run(root, "autograde", "--jobs", "1") == FINE
    assert re.search(r"^ada +2/12 +2/2 +4/14 ", capsys.readouterr().out, re.MULTILINE)
    assert totals(root) == {("ada", 4, 14), ("bob", 0, 14)}


@pytest.mark.parametrize(("change", "said"), [("add", "added: 3_more"), ("remove", "removed: 2_words")])
def test_no_page_is_written_before_the_change_is_graded(
    root: Path, change: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if change == "add":
        add(root)
    else:
        (root / "source" / "week" / "2_words.ipynb").unlink()
    before = {path: path.read_bytes() for path in root.glob("feedback/*/week/*")}
    assert run(root, "feedback") == FAILED
    assert f"has other notebooks than when it was graded ({said}); run `coursegrader autograde week` first" in (
        capsys.readouterr().err
    )
    assert {path: path.read_bytes() for path in root.glob("feedback/*/week/*")} == before


def test_cells_that_change_within_a_notebook_are_refused_before_another_one_leaves(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = root / "source" / "week"
    (source / "2_words.ipynb").unlink()
    nb = nbformat.read(source / "1_numbers.ipynb", as_version=4)
    nb.cells = [cell for cell in nb.cells if cell.id != "test_best"]
    nbformat.write(nb, source / "1_numbers.ipynb")
    assert run(root, "autograde", "--jobs", "1") == FAILED
    assert "1_numbers: graded cells were added or removed (test_best)" in capsys.readouterr().err
    assert not (root / "grading" / "removed").exists()
    assert (root / "autograded" / "ada" / "week" / "2_words.ipynb").exists()
