"""Grading a class: interrupted, repeated, in part, and in spite of one student."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from hostile import course as hostile_course
from hostile.case import Case
from hostile.honest import HONEST
from nbgrader.utils import is_solution

from coursegrader.box import forkserver
from coursegrader.course.course import Course
from coursegrader.engine.kernel import Kernel, Wanted
from coursegrader.errors import CourseError, NoBoxError
from coursegrader.grading import pipeline, runners
from coursegrader.grading.gradebook.writer import Writer
from coursegrader.grading.logs.log import signing_key, verify
from coursegrader.publishing import pages as feedback_pages

WRONG = "def scale(x, factor):\n    return x"


@pytest.fixture(scope="module", autouse=True)
def _no_server_is_left():
    yield
    forkserver.close()


def class_of(root: Path, students: int) -> Course:
    """Write a course in which so many students have handed in, of every honest kind."""
    course = hostile_course.write(root)
    for number in range(students):
        kind = HONEST[number % len(HONEST)]
        mark = f"# {number}"  # equal submissions would be run once
        Case(kind.name, end=mark, answers=kind.answers, blank=kind.blank, student=f"s{number:02}").write(course)
    return course


@pytest.fixture
def small(tmp_path: Path) -> Course:
    """Return a course with three students: a right one, a blank one, one that is half done."""
    return class_of(tmp_path / "course", 3)


@pytest.fixture(scope="module")
def _graded_once(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = class_of(tmp_path_factory.mktemp("pipeline") / "course", 3)
    pipeline.autograde(course, "week")
    return course


@pytest.fixture
def graded(_graded_once: Course, tmp_path: Path) -> Course:
    """Return a copy of such a course in which everybody is graded."""
    return Course.open(shutil.copytree(_graded_once.root, tmp_path / "course"))


def points(course: Course) -> dict[str, float]:
    """Return every student's points as the instructor's logs say."""
    key = signing_key(course.grading)
    logs = sorted(course.grading.glob("*/week/submission_log.json"))
    gradings = [verify(json.loads(path.read_text("utf-8")), key) for path in logs]
    return {grading.student: sum(notebook.points for notebook in grading.notebooks) for grading in gradings}


def record(course: Course) -> dict[str, Any]:
    """Return everything that a grading leaves behind, timings and signatures apart."""
    found: dict[str, Any] = {}
    for path in sorted([*course.grading.glob("*/week/*"), *course.step("autograded").glob("*/week/*")]):
        place = path.relative_to(course.root).as_posix()
        data = json.loads(path.read_text("utf-8"))
        found[place] = _timeless(data)
    with sqlite3.connect(course.root / "gradebook.db") as database:
        found["gradebook"] = sorted(
            database.execute(
                "select sa.student_id, nb.name, bc.name, g.auto_score, g.manual_score, g.needs_manual_grade "
                "from grade g join submitted_notebook sn on g.notebook_id = sn.id join notebook nb on sn.notebook_id = nb.id "
                "join submitted_assignment sa on sn.assignment_id = sa.id join base_cell bc on g.cell_id = bc.id"
            ).fetchall(),
            key=str,
        )
    return found


def _timeless(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _timeless(value) for key, value in data.items() if key not in ("seconds", "signature")}
    return [_timeless(item) for item in data] if isinstance(data, list) else data


def runs(course: Course) -> dict[str, int]:
    """Return the runs that were kept as they will be again, each with the number of the file it lies in: repeating it makes a new file."""
    return {path.name: path.stat().st_ino for path in (course.grading / "cache").glob("??/*.json.gz")}


def start(course: Course, *more: str) -> subprocess.Popen[str]:
    """Start grading as a user does."""
    temporary = course.root.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "coursegrader.cli", "--course", str(course.root), "autograde", "week", *more],
        env={**os.environ, "OMP_NUM_THREADS": "1", "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # whoever runs tests in the background, or under nohup, ignores these, and so would this
        preexec_fn=lambda: [signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGHUP)],
    )


def finish(course: Course, *more: str) -> str:
    """Grade to the end and return what was printed."""
    process = start(course, *more)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    return out


# -- interrupted -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.xdist_group("killed")
def test_killed_at_ten_moments_it_ends_as_if_nothing_had_happened(tmp_path: Path):
    undisturbed = class_of(tmp_path / "a" / "course", 40)
    assert undisturbed.seed
    signing_key(undisturbed.grading)
    killed = Course.open(shutil.copytree(undisturbed.root, tmp_path / "b" / "course"))
    finish(undisturbed, "--jobs", "2")
    dice = random.Random(20260101)
    whole = len(runs(undisturbed))
    for moment in sorted(dice.sample(range(whole), 10)):
        process = start(killed, "--jobs", "2")
        while len(runs(killed)) < moment and process.poll() is None:
            time.sleep(0.01)
        time.sleep(dice.random() * 0.3)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        before = runs(killed)
        assert len(before) >= moment
    finish(killed, "--jobs", "2")
    after = runs(killed)
    assert {name: after[name] for name in before} == before  # nothing that was finished was done again
    assert set(after) == set(runs(undisturbed))
    assert record(killed) == record(undisturbed)
    for _ in range(100):  # what was killed is cleaned up by what it leaves behind
        left = os.listdir(killed.root.parent / "tmp")
        if not left:
            break
        time.sleep(0.1)
    assert left == []


@pytest.mark.slow
def test_every_kill_leaves_finished_runs_alone(tmp_path: Path):
    course = class_of(tmp_path / "course", 12)
    kept: dict[str, int] = {}
    for wanted in (2, 5, 9):
        process = start(course, "--jobs", "2")
        while len(runs(course)) < wanted and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found = runs(course)
        assert {name: found[name] for name in kept} == kept
        kept = found
    finish(course)
    assert {name: runs(course)[name] for name in kept} == kept


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Return a folder with a name short enough for boxes to have their folder in it."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as name:
        yield Path(name)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_whoever_breaks_off_waits_for_no_student_and_leaves_nothing_behind(short_folder: Path, number: signal.Signals):
    course = hostile_course.write(short_folder / "course")
    for name in ("one", "two", "three"):
        Case("endless", end=f"import time\ntime.sleep(100_000)  # {name}", student=name).write(course)
    process = start(course, "--jobs", "2")
    temporary = short_folder / "tmp"
    try:
        while len(list(temporary.glob("coursegrader-*/files-*"))) < 2:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)  # until two submissions, and no longer the reference, are laid out
        everybody = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        _, told = process.communicate(timeout=100)  # a third of what one student may take
        assert (process.returncode, told) == (
            2,
            "coursegrader autograde: interrupted; the same command goes on from here\n",
        )
        assert psutil.wait_procs(everybody, timeout=60)[1] == []
        assert os.listdir(temporary) == []
    finally:
        process.kill()


# -- repeated ----------------------------------------------------------------------------------------------------------


def test_the_second_time_nothing_is_executed_and_nothing_changes(graded: Course):
    kept, written = runs(graded), record(graded)
    assert points(graded) == {"s00": 12.0, "s01": 0.0, "s02": 5.0}
    outcome = pipeline.autograde(graded, "week")
    assert sorted(outcome.gradings) == ["s00", "s01", "s02"]
    assert runs(graded) == kept
    assert record(graded) == written


def test_only_what_changed_is_graded(graded: Course):
    kept = runs(graded)
    folder = graded.step("submitted", "s01", "week")
    shutil.rmtree(folder)
    Case("late answer", answers={"scale": WRONG}, student="s01").write(graded)
    outcome = pipeline.autograde(graded, "week", options=pipeline.Options(only_changed=True))
    assert list(outcome.gradings) == ["s01"]
    assert sorted(outcome.unchanged) == ["s00", "s02"]
    assert len(set(runs(graded)) - set(kept)) == 1
    assert points(graded) == {"s00": 12.0, "s01": 8.0, "s02": 5.0}


def test_a_changed_test_grades_everybody_again(graded: Course):
    path = graded.root / "source" / "week" / "lab.ipynb"
    nb = nbformat.read(path, 4)
    cell = next(cell for cell in nb.cells if cell.id == "test_best")
    cell.metadata.nbgrader.points = 3
    nbformat.write(nb, path)
    outcome = pipeline.autograde(Course.open(graded.root), "week", options=pipeline.Options(only_changed=True))
    assert outcome.unchanged == []
    assert {s: g.notebooks[0].points for s, g in outcome.gradings.items()} == {"s00": 14.0, "s01": 0.0, "s02": 7.0}


def test_a_fresh_clone_builds_its_gradebook(small: Course):
    assert not (small.root / "gradebook.db").exists()
    pipeline.autograde(small, "week", student="s00")
    assert record(small)["gradebook"]


def test_some_students_and_some_notebooks_can_be_chosen(graded: Course):
    assert sorted(pipeline.autograde(graded, "week", student="s0[02]", notebook="l*").gradings) == ["s00", "s02"]


def test_progress_ends_where_it_should(graded: Course):
    seen: list[tuple[int, int]] = []
    pipeline.autograde(graded, "week", progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 3)
    assert seen[-1] == (3, 3)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


# -- one student -------------------------------------------------------------------------------------------------------


def test_a_result_that_cannot_be_saved_costs_nobody_else_theirs(graded: Course):
    shutil.rmtree(graded.step("submitted", "s01", "week"))
    Case("new", student="s01").write(graded)
    with sqlite3.connect(graded.root / "gradebook.db") as database:
        database.execute(
            "create trigger refuse before update on grade when (select student_id from submitted_assignment where id = "
            "(select assignment_id from submitted_notebook where id = new.notebook_id)) = 's01' "
            "begin select raise(abort, 'refused for this test'); end"
        )
    outcome = pipeline.autograde(graded, "week")
    assert set(outcome.degraded) == {"s01"}
    assert "refused for this test" in outcome.degraded["s01"]
    assert "previous result is still in place" in outcome.degraded["s01"]
    assert sorted(outcome.gradings) == ["s00", "s02"]
    assert points(graded) == {"s00": 12.0, "s01": 0.0, "s02": 5.0}


def test_a_run_that_fails_costs_nobody_else_theirs(graded: Course):
    shutil.rmtree(graded.step("submitted", "s01", "week"))
    Case("new", answers={"last": "def last(x):\n    return x[len(x) - 1]"}, student="s01").write(graded)
    local = runners.local_runner(2)

    def fails_for_one(assignment: Any, jobs: Any, seed: str) -> Any:
        for job, result in local(assignment, jobs, seed):
            yield job, RuntimeError("out of luck") if job.student == "s01" else result

    outcome = pipeline.autograde(graded, "week", runner=fails_for_one)
    assert outcome.degraded == {"s01": "lab could not be graded (RuntimeError: out of luck)"}
    assert points(graded) == {"s00": 12.0, "s01": 0.0, "s02": 5.0}
    assert pipeline.autograde(graded, "week").degraded == {}
    assert points(graded)["s01"] == 12.0


def test_a_notebook_that_no_box_can_be_built_for_costs_only_itself(small: Course, monkeypatch: pytest.MonkeyPatch):
    start = Kernel.start

    async def fail_for_one(wanted: Wanted) -> Kernel:
        if "special.txt" in os.listdir(wanted.files):
            raise NoBoxError("no box for this one")
        return await start(wanted)

    (small.step("submitted", "s00", "week") / "special.txt").write_text("x")
    monkeypatch.setattr(Kernel, "start", fail_for_one)
    outcome = pipeline.autograde(small, "week")
    assert outcome.degraded == {"s00": "lab could not be graded (NoBoxError: no box for this one)"}
    assert points(small) == {"s00": 0.0, "s01": 0.0, "s02": 5.0}


def test_where_boxes_fail_for_everybody_it_is_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    course = class_of(tmp_path / "course", 8)
    pipeline.autograde(course, "week", student="s00")  # the reference has run

    async def fail(wanted: Wanted) -> Kernel:
        raise NoBoxError("nobody gets one any more")

    monkeypatch.setattr(Kernel, "start", fail)
    with pytest.raises(NoBoxError, match="any more"):
        pipeline.autograde(course, "week", runner=runners.local_runner(2))


def test_where_the_machine_has_no_box_nothing_runs(small: Course, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COURSEGRADER_RUNG", "7")
    with pytest.raises(NoBoxError, match="COURSEGRADER_RUNG=7 is no rung"):
        pipeline.autograde(small, "week")
    assert runs(small) == {}
    assert points(small) == {}


def test_when_it_was_handed_in_changes_no_answer(graded: Course, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COURSEGRADER_RUNG", "7")  # so that nothing can be run
    (graded.step("submitted", "s00", "week") / "timestamp.txt").write_text("2026-01-01 09:00:00 UTC")
    assert pipeline.autograde(graded, "week").degraded == {}


def test_where_nothing_is_to_be_run_no_box_is_needed(graded: Course, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COURSEGRADER_RUNG", "7")
    before = points(graded)
    assert pipeline.autograde(graded, "week").degraded == {}
    assert points(graded) == before


def test_an_unreadable_notebook_is_listed_with_what_to_do(graded: Course):
    (graded.step("submitted", "s01", "week") / "lab.ipynb").write_text("<html>log in</html>")
    outcome = pipeline.autograde(graded, "week")
    assert "hand in the .ipynb file again" in outcome.degraded["s01"]
    assert outcome.gradings["s01"].notebooks[0].points == 0
    shown = nbformat.read(graded.step("autograded", "s01", "week") / "lab.ipynb", as_version=4)
    assert not any(cell.source for cell in shown.cells if is_solution(cell))  # nothing of an earlier submission, either
    pages = [page for page in feedback_pages.feedback(graded, "week") if "s01" in page.parts]
    assert "hand in the .ipynb file again" in pages[0].read_text("utf-8")
    assert points(graded) == {"s00": 12.0, "s01": 0.0, "s02": 5.0}


def test_manual_scores_are_never_overwritten(graded: Course):
    with Writer(graded, "week") as writer:
        row = writer.gradebook.find_submission_notebook("lab", "week", "s00")
        grade = next(grade for grade in row.grades if grade.name == "q_why")
        grade.manual_score = 2.5
        writer.gradebook.db.commit()
        writer._commit()
    pipeline.autograde(graded, "week")
    assert [row[4] for row in record(graded)["gradebook"] if row[:3] == ("s00", "lab", "q_why")] == [2.5]


# -- what was asked for is not there -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"name": "weak"}, "no assignment 'weak' in .* known: week"),
        ({"student": "s0O"}, "no student 's0O' handed in 'week'; did you mean 's0"),
        ({"student": "nobody-of-that-name"}, "there are 3 students"),
        ({"notebook": "lap"}, "no notebook 'lap' in week; known: lab"),
    ],
)
def test_what_is_unknown_is_said_in_one_sentence(small: Course, asked: dict[str, str], words: str):
    with pytest.raises(CourseError, match=words) as caught:
        pipeline.autograde(small, **{"name": "week", **asked})
    assert "\n" not in str(caught.value)
    assert not (small.root / "gradebook.db").exists()


def test_where_nobody_handed_in_that_is_said(tmp_path: Path):
    with pytest.raises(CourseError, match=r"nobody handed in 'week'.*collect submissions first"):
        pipeline.autograde(hostile_course.write(tmp_path / "course"), "week")
