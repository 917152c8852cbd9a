"""The attacks that pay under nbgrader as it comes earn nothing here, whichever command grades."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from hostile import course as hostile_course
from hostile.case import Case
from hostile.cheats import CHEATS
from hostile.honest import HONEST
from nbgrader.api import Gradebook

from coursegrader.course.course import Course

NAMES = [
    "patched torch and numpy",
    "always equal objects",
    "input transformer turns tests into pass",
    "ast transformer drops the tests",
    "skip-execution tags",
    "evidence from the student's own cell",
    "a forged display of evidence",
    "numpy float as an answer",
    "nan as an answer",
    "result of every cell is full marks",
    "more points in the metadata",
    "test cells turned into text",
    "SystemExit in a function",
]
#: Whose own cells were stopped by a limit, with the sentence that says so.
DEGRADED = {"patched-torch-and-numpy": "lab: extra-1 ended with timeout"}  # IPython never comes back from it
CLASS = [*HONEST, *(case for case in CHEATS if case.name in NAMES)]
pytestmark = pytest.mark.slow


def run(course: Course, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does, in the course's folder."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=course.root, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return a course with a gradebook, in which the class has handed in."""
    course = hostile_course.write(tmp_path_factory.mktemp("attacks") / "course")
    done = run(course, "nbgrader", "generate_assignment", "week")
    assert done.returncode == 0, done.stderr
    for case in CLASS:
        case.write(course)
    return course


@pytest.fixture(scope="module", params=["nbgrader", "coursegrader"])
def graded(request: pytest.FixtureRequest, handed_in: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return a copy of the course, graded by one of the two commands."""
    course = Course.open(shutil.copytree(handed_in.root, tmp_path_factory.mktemp(request.param) / "course"))
    ours = request.param == "coursegrader"
    done = run(course, "coursegrader.cli" if ours else "nbgrader", "autograde", "week", *(["--json"] if ours else []))
    if ours:
        assert json.loads(done.stdout)["degraded"] == DEGRADED, done.stderr
    assert done.returncode == (1 if ours else 0), done.stderr
    return course


def scores(course: Course, student: str) -> dict[str, float | None]:
    """Return what the gradebook says of every cell of a student."""
    with Gradebook(course.directory.db_url, course.directory.course_id) as gradebook:
        notebook = gradebook.find_submission_notebook("lab", "week", student)
        return {grade.name: grade.auto_score for grade in notebook.grades}


@pytest.mark.parametrize("case", CLASS, ids=str)
def test_the_gradebook_says_what_the_answers_are_worth(graded: Course, case: Case):
    found = scores(graded, case.id)
    assert {name: found[name] for name in case.expected()} == case.expected()
    assert found["q_why"] == (0.0 if case.blank else None)  # a written answer waits for a person


def test_every_name_stands_for_an_attack():
    assert {case.name for case in CLASS} >= set(NAMES)


def test_both_commands_publish_the_same_notebook_without_a_hidden_line(graded: Course):
    scheme = "confidential reason"  # is for whoever grades the written answer
    for case in CLASS:
        path = graded.step("autograded", case.id, "week") / "lab.ipynb"
        text = path.read_text("utf-8")
        assert not [secret for secret in hostile_course.secrets() if secret in text and secret != scheme], case.name
        points = {
            cell.id: cell.metadata.nbgrader.points
            for cell in nbformat.read(path, 4).cells
            if cell.id in case.expected()
        }
        assert points == {name: hostile_course.POINTS[name] for name in points}


BUTTON = """
import asyncio, sys
from jupyter_client.provisioning import KernelProvisionerFactory
from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory

KernelProvisionerFactory.instance()  # as in a Jupyter server, where it is older than our settings

async def press():
    app = NbGrader()
    app.load_config_file()
    api = NbGraderAPI(CourseDirectory(config=app.config), config=app.config)
    return api.autograde("week", "watcher")

result = asyncio.run(press())
print(result["success"], result.get("error", ""))
"""


def test_the_formgraders_button_runs_students_code_in_a_box_only(handed_in: Course, tmp_path: Path):
    course = Course.open(shutil.copytree(handed_in.root, tmp_path / "course"))
    watcher = Case("watcher", extra=f"import os\nprint('outside:', os.path.exists({__file__!r}), 'user:', os.getuid())")
    watcher.write(course)
    environment = {**os.environ, "JUPYTER_DEFAULT_PROVISIONER_NAME": "local-provisioner"}
    done = subprocess.run(
        [sys.executable, "-c", BUTTON], cwd=course.root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "True", done.stdout + done.stderr
    nb = nbformat.read(course.step("autograded", "watcher", "week") / "lab.ipynb", 4)
    said = [output.text for cell in nb.cells if cell.id.startswith("extra") for output in cell.outputs]
    assert said == ["outside: False user: 1000\n"]
    found = scores(course, "watcher")
    assert {name: found[name] for name in watcher.expected()} == watcher.expected()
