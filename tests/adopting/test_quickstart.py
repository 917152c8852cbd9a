"""nbgrader's own first course is adopted without any hand work, and its submissions earn what nbgrader gave for them."""

import shutil
from pathlib import Path

import nbgrader
import pytest
from nbgrader_oracle import nbgrader as run_nbgrader
from nbgrader_oracle import nbgraders_scores, our_scores

from coursegrader.authoring.release import release
from coursegrader.cli import main
from coursegrader.course.course import Course

EXAMPLES = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "submitted"


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """Return nbgrader's quickstart course with its example submissions."""
    folder = tmp_path_factory.mktemp("quickstart")
    run_nbgrader(folder, "quickstart", "course101")
    shutil.copytree(EXAMPLES, folder / "course101" / "submitted")
    return folder / "course101"


@pytest.mark.slow
def test_the_quickstart_course_earns_nbgraders_scores_before_and_after_its_assertions_are_evidence(course, capsys):
    wanted = nbgraders_scores(course, "ps1")
    assert wanted["hacker", "ps1/problem1", "correct_squares"] == 1
    assert wanted["bitdiddle", "ps1/problem1", "correct_squares"] == 0
    assert main(["--course", str(course), "adopt"]) == 0
    assert "problem1, correct_squares (1 points): could have evidence, 4 of 4 assertions" in capsys.readouterr().out
    assert our_scores(course, "ps1") == wanted

    assert main(["--course", str(course), "adopt", "--evidence"]) == 0
    assert "1.5 have evidence, 0 could have, 1.5 stay forgeable" in capsys.readouterr().out
    assert our_scores(course, "ps1") == wanted
    files = {path.as_posix() for path in release(Course.open(course), "ps1")}
    assert files == {"problem1.ipynb", "problem2.ipynb", "jupyter.png"}
    assert "evidence" not in (course / "release" / "ps1" / "problem1.ipynb").read_text()
