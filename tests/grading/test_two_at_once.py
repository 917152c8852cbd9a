"""nbgrader's own commands and buttons work on a course alone, as ours do: who comes second is told, nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_course import hand_in

from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.errors import DEGRADED, FAILED, FINE
from coursegrader.files import FOR_MOMENTS, LOCK, only_one
from coursegrader.watching.watch import Watcher

#: Holds an nbgrader command where it has begun with a submission, until somebody lets it go on.
HOLD = """
import pathlib, time
def hold(**_):
    pathlib.Path("held").touch()
    while not pathlib.Path("go").exists():
        time.sleep(0.02)
c.Autograde.pre_convert_hook = hold
"""
#: What a Jupyter server does when a button of the formgrader is pressed.
PRESS = """
import sys
from nbgrader.apps import NbGrader
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

app = NbGrader()
app.load_config_file()
api = NbGraderAPI(CourseDirectory(config=app.config), config=app.config)
result = getattr(api, sys.argv[1])(*sys.argv[2:])
print(result["success"], result.get("log", ""))
"""
WAY = {
    "button": [sys.executable, "-c", PRESS, "autograde", "week", "ada"],
    "command": [sys.executable, "-m", "nbgrader", "autograde", "week", "--force"],
}
BUTTONS = {"autograde": ("week", "ada"), "generate_assignment": ("week",), "generate_feedback": ("week", "ada")}


def start(course: Course, command: list[str]) -> subprocess.Popen[str]:
    """Start a command in the course's folder."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.Popen(
        command, cwd=course.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait_for(happens: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something happens, or what should do it has ended."""
    while not happens():
        if process.poll() is not None:
            pytest.fail(f"it ended: {process.communicate()[0]}")
        time.sleep(0.05)


def contents(course: Course) -> dict[str, bytes]:
    """Return every file that a grading writes, but the cache and the locks."""
    places = [course.root / "autograded", course.root / "feedback", course.grading / "ada", course.root / "release"]
    return {str(path): path.read_bytes() for place in places for path in place.rglob("*") if path.is_file()}


@pytest.fixture
def handed_in(course: Course) -> Course:
    """Return a course in which a student has handed in and was graded."""
    hand_in(course, "ada", {"double": "def double(x):\n    return x + x", "best": "best = 41.5"})
    assert main(["--course", str(course.root), "release", "week"]) == FINE
    assert main(["--course", str(course.root), "autograde", "week"]) == FINE
    assert main(["--course", str(course.root), "feedback", "week"]) == FINE
    return course


@pytest.mark.slow
@pytest.mark.parametrize("way", WAY)
def test_while_nbgrader_grades_our_commands_are_refused_and_the_watcher_waits(handed_in: Course, way: str, capfd):
    before = contents(handed_in)
    config = handed_in.root / "nbgrader_config.py"
    config.write_text(config.read_text() + HOLD)
    grading = start(handed_in, WAY[way])
    wait_for((handed_in.root / "held").exists, grading)
    capfd.readouterr()
    for command in ("autograde", "feedback", "release"):
        assert main(["--course", str(handed_in.root), command, "week"]) == FAILED
        said = capfd.readouterr().err
        assert f"nbgrader autograde (process {grading.pid}, since " in said
        assert "works on this course; nothing was changed: wait for it, or end it" in said
    hand_in(handed_in, "bob", {})
    said_by_watcher: list[str] = []
    watcher = Watcher(Course.open(handed_in.root), "week", 1, None, said_by_watcher.append)
    while not any("nbgrader autograde" in line for line in said_by_watcher):
        watcher.step()  # first it makes sure that the hand-in is complete
    (handed_in.root / "go").touch()
    out, _ = grading.communicate()
    assert grading.returncode == 0, out
    assert set(contents(handed_in)) >= set(before)  # nbgrader copies released files there, too
    assert main(["--course", str(handed_in.root), "autograde", "week"]) in (FINE, DEGRADED)
    assert "nothing was changed" not in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("button", BUTTONS)
def test_while_we_work_nbgraders_buttons_are_refused_and_change_nothing(handed_in: Course, button: str):
    before = contents(handed_in)
    with only_one(handed_in.grading / LOCK, "coursegrader autograde"):
        pressed = start(handed_in, [sys.executable, "-c", PRESS, button, *BUTTONS[button]])
        out, _ = pressed.communicate()
    assert out.startswith("False "), out
    assert f"coursegrader autograde (process {os.getpid()}, since " in out
    assert "works on this course; nothing was changed: wait for it, or end it" in out
    assert contents(handed_in) == before
    again, _ = start(handed_in, [sys.executable, "-c", PRESS, button, *BUTTONS[button]]).communicate()
    assert again.startswith("True "), again


@pytest.mark.slow
def test_the_watcher_is_waited_for(handed_in: Course):
    (handed_in.root / "go").touch()
    config = handed_in.root / "nbgrader_config.py"
    config.write_text(config.read_text() + HOLD)
    with only_one(handed_in.grading / LOCK, FOR_MOMENTS):
        grading = start(handed_in, WAY["button"])
        with pytest.raises(subprocess.TimeoutExpired):
            grading.wait(10)
        assert not (handed_in.root / "held").exists()
    out, _ = grading.communicate()
    assert out.startswith("True "), out
    assert (handed_in.root / "held").exists()
