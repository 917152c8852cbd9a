"""Of what is nothing judged, written or run again? Of notebooks whose run and whose judging side are as they were."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_course import hand_in

from coursegrader.box import forkserver
from coursegrader.course.course import Course
from coursegrader.grading import pipeline
from coursegrader.grading.logs.records import previous
from coursegrader.grading.marking import judge_notebook
from coursegrader.grading.pipeline import Options, autograde

RIGHT = {
    "triple": "def triple(x):\n    return 3 * x",
    "shout": "def shout(word):\n    return word.upper() + '!'",
}


@pytest.fixture(scope="module")
def _graded(tmp_path_factory, make_course) -> Course:
    course = make_course(tmp_path_factory.mktemp("kept") / "course")
    hand_in(course, "ada", {"double": "def double(x):\n    return 2 * x + 0.01"})
    autograde(Course.open(course.root), "week")
    yield course
    forkserver.close()


@pytest.fixture
def graded(_graded: Course, tmp_path: Path) -> Course:
    shutil.copytree(_graded.root, tmp_path / "course")
    return Course.open(tmp_path / "course")


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the notebooks that are judged from now on."""
    names: list[str] = []

    def counted(notebook, *rest):
        names.append(notebook.name)
        return judge_notebook(notebook, *rest)

    monkeypatch.setattr(pipeline, "judge_notebook", counted)
    return names


def autograded(course: Course, name: str) -> Path:
    return course.step("autograded", "ada", "week") / f"{name}.ipynb"


def loosen(course: Course) -> None:
    path = course.root / "source" / "week" / "1_numbers.ipynb"
    text = path.read_text("utf-8")
    assert "standard_normal(size)))" in text
    path.write_text(text.replace("standard_normal(size)))", "standard_normal(size)), atol=0.05)"), "utf-8")


@pytest.mark.parametrize("rejudge", [False, True])
def test_only_the_notebook_whose_tolerance_changed_is_judged_and_written_again(graded, judged, rejudge):
    loosen(graded)
    left_alone = autograded(graded, "2_words").stat().st_ino
    moved = autograde(Course.open(graded.root), "week", options=Options(rejudge=rejudge)).moved
    assert judged == ["1_numbers"]
    assert [(move.grade_id, move.after - move.before) for move in moved] == [("test_double", 2.0)]
    assert autograded(graded, "2_words").stat().st_ino == left_alone
    assert "0.05" in autograded(graded, "1_numbers").read_text("utf-8"), "the page's report has the new tolerance"


def test_grading_again_judges_nothing_and_says_the_same(graded, judged):
    before = previous(graded, "ada", "week")[0]
    autograde(Course.open(graded.root), "week")
    assert judged == []
    assert previous(graded, "ada", "week")[0].notebooks == before.notebooks


def test_what_is_no_longer_there_as_it_was_written_is_written_again(graded, judged):
    want = autograded(graded, "1_numbers").read_bytes()
    autograded(graded, "1_numbers").unlink()
    autograded(graded, "1_numbers").write_bytes(want[: len(want) // 2])
    autograded(graded, "2_words").unlink()
    autograde(Course.open(graded.root), "week")
    assert judged == ["1_numbers", "2_words"]
    assert autograded(graded, "1_numbers").read_bytes() == want


def test_a_log_that_somebody_changed_is_not_believed(graded, judged):
    path = graded.grading / "ada" / "week" / "submission_log.json"
    path.write_text(path.read_text("utf-8").replace('"points": 0.0', '"points": 2.0'), "utf-8")
    autograde(Course.open(graded.root), "week")
    assert judged == ["1_numbers", "2_words"]
    assert previous(graded, "ada", "week")[0].notebook("1_numbers").points == 0.0


def test_another_setting_of_hints_and_a_new_mistake_are_applied(graded, judged):
    with (graded.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nc.SaveScores.hints = 'off'\n")
    autograde(Course.open(graded.root), "week")
    assert judged == ["1_numbers", "2_words"]
    folder = graded.root / "source" / "week" / "mistakes" / "1_numbers" / "double"
    folder.mkdir(parents=True)
    (folder / "a_bit_more.py").write_text(
        '"""There is a little too much."""\n# loses: test_double\ndef double(x):\n    return 2 * x + 0.01\n'
    )
    judged.clear()
    autograde(Course.open(graded.root), "week")
    assert judged == ["1_numbers"]
    cells = previous(graded, "ada", "week")[0].notebook("1_numbers").cells
    assert [cell.mistake for cell in cells if cell.grade_id == "test_double"] == ["a_bit_more"]


def test_who_wants_everything_fresh_gets_it(graded, judged):
    autograde(Course.open(graded.root), "week", options=Options(fresh=True))
    assert sorted(judged) == ["1_numbers", "2_words"]


def test_a_mistake_that_nobody_made_lets_nothing_be_judged_again(graded, judged):
    for notebook, cell, answer in (("1_numbers", "triple", "return x"), ("2_words", "shout", "return word")):
        folder = graded.root / "source" / "week" / "mistakes" / notebook / cell
        folder.mkdir(parents=True)
        start = "def triple(x):" if cell == "triple" else "def shout(word):"
        (folder / "nothing.py").write_text(f'"""Nothing is done."""\n# loses: test_{cell}\n{start}\n    {answer}\n')
    hand_in(graded, "ada", {"double": "def double(x):\n    return 2 * x + 0.01"} | RIGHT)
    autograde(Course.open(graded.root), "week")  # no mistake of the bank is asked for, and so none is run
    judged.clear()
    loosen(graded)
    for _ in range(2):
        moved = autograde(Course.open(graded.root), "week", options=Options(rejudge=True, allow_lower=True)).moved
        assert judged == ["1_numbers"]
    assert moved == []
