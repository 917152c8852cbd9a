"""nbgrader's own first course is adopted without any hand work, and its submissions earn what nbgrader gave for them."""

import re
import shutil
from pathlib import Path

import nbgrader
import pytest
from nbgrader_oracle import nbgrader as run_nbgrader
from nbgrader_oracle import nbgraders_scores, scores

from coursegrader.authoring.release import release
from coursegrader.cli import main
from coursegrader.course.course import Course

PAGE = (Path(__file__).parents[3] / "docs" / "adopting.md").read_text("utf-8")
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
    adopting, grading, with_evidence = re.findall(r"^```bash\ncoursegrader (.*?)\n```", PAGE, re.MULTILINE)
    for command, said in (
        (adopting, "problem1, correct_squares (1 points): could have evidence, 4 of 4 assertions"),
        (with_evidence, "1.5 have evidence, 0 could have, 1.5 stay forgeable"),
    ):
        assert main(["--course", str(course), *command.split()]) == 0
        assert said in capsys.readouterr().out
        assert main(["--course", str(course), *grading.split()]) == 0
        assert scores(course, "ps1") == wanted
    files = {path.as_posix() for path in release(Course.open(course), "ps1")}
    assert files == {"problem1.ipynb", "problem2.ipynb", "jupyter.png"}
    assert "evidence" not in (course / "release" / "ps1" / "problem1.ipynb").read_text()
