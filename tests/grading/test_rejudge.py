"""What decides what runs, what only judges, and what of a run is remembered."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import nbformat
import pytest
from small_course import hand_in

from coursegrader.box import forkserver
from coursegrader.course.course import Assignment, Course
from coursegrader.course.region import read_region
from coursegrader.engine.execute import run_notebook
from coursegrader.engine.kernel import Kernel, Wanted
from coursegrader.errors import AuthoringError
from coursegrader.grading import runners
from coursegrader.grading.cache import Cache
from coursegrader.grading.logs.records import previous
from coursegrader.grading.pipeline import Options, autograde
from coursegrader.grading.reference import reference
from coursegrader.model import CellRun, NotebookRun

DOUBLE = "def double(x):\n    return 2 * x + 0.01"


@pytest.fixture(scope="module", autouse=True)
def _no_server_is_left():
    yield
    forkserver.close()


def again(course: Course) -> Course:
    """Return the course as another command would see it."""
    return Course.open(course.root)


def change(course: Course, name: str, old: str, new: str, notebook: str = "1_numbers", **metadata) -> None:
    """Change a cell of the instructor's notebook."""
    path = course.root / "source" / "week" / f"{notebook}.ipynb"
    nb = nbformat.read(path, as_version=4)
    cell = next(cell for cell in nb.cells if cell.id == name)
    assert old in cell.source
    cell.source = cell.source.replace(old, new)
    cell.metadata.nbgrader.update(metadata)
    nbformat.write(nb, path)


def points(course: Course, student: str, cell: str) -> float | None:
    """Return the recorded points of a cell."""
    grading, _ = previous(course, student, "week")
    return next(c.points for n in grading.notebooks for c in n.cells if c.grade_id == cell)


@pytest.fixture(scope="module")
def _graded(tmp_path_factory, make_course) -> Course:
    course = make_course(tmp_path_factory.mktemp("rejudge") / "course")
    hand_in(
        course, "ada", {"double": DOUBLE, "best": "best = 41.5", "shout": "def shout(w):\n    return w.upper() + '!'"}
    )
    hand_in(course, "bob", {"double": "def double(x):\n    return x + x", "best": "while True: pass"})
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.Execute.timeout = 3\n")
    autograde(again(course), "week")
    return course


@pytest.fixture
def graded(_graded: Course, tmp_path: Path) -> Course:
    """Return a graded course of its own for this test: ada is 0.01 off, bob's second cell never ends."""
    shutil.copytree(_graded.root, tmp_path / "course")
    return Course.open(tmp_path / "course")


@pytest.fixture
def boxes(monkeypatch) -> list[int]:
    """Count the boxes that are started."""
    started: list[int] = []
    start = Kernel.start

    async def counted(wanted: Wanted) -> Kernel:
        started.append(1)
        return await start(wanted)

    monkeypatch.setattr(Kernel, "start", counted)
    return started


SIZED = "standard_normal(size)))"


def test_another_tolerance_is_applied_to_what_was_run_without_a_box(graded: Course, boxes: list[int]):
    assert points(graded, "ada", "test_double") == 0
    change(graded, "test_double", SIZED, "standard_normal(size)), atol=0.05)")
    outcome = autograde(again(graded), "week", options=Options(rejudge=True))
    assert boxes == []
    assert points(graded, "ada", "test_double") == 2
    (move,) = outcome.moved
    assert (move.student, move.grade_id, move.before, move.after) == ("ada", "test_double", 0, 2)
    assert move.reason == "tolerance changed"
    assert previous(graded, "ada", "week")[0].moved == [move]
    assert points(graded, "bob", "test_double") == 2  # also of a run that no cache would give back


def test_other_points_are_applied_everywhere(graded: Course, boxes: list[int]):
    change(graded, "test_triple", "triple of seven", "triple of seven")
    change(graded, "test_double", SIZED, SIZED, points=5)
    outcome = autograde(again(graded), "week", options=Options(rejudge=True))
    assert boxes == []
    assert [(move.student, move.after, move.reason) for move in outcome.moved] == [("bob", 5, "points changed")]
    nb = nbformat.read(graded.step("autograded", "bob", "week") / "1_numbers.ipynb", as_version=4)
    assert next(cell for cell in nb.cells if cell.id == "test_double").metadata.nbgrader.points == 5


def test_a_dry_run_says_who_would_move_and_changes_nothing(graded: Course):
    change(graded, "test_double", SIZED, "standard_normal(size)), atol=0.05)")
    before = {
        path: path.read_bytes() for path in graded.root.rglob("*") if path.is_file() and "cache" not in path.parts
    }
    outcome = autograde(again(graded), "week", options=Options(rejudge=True, dry_run=True))
    assert [move.student for move in outcome.moved] == ["ada"]
    after = {path: path.read_bytes() for path in graded.root.rglob("*") if path.is_file() and "cache" not in path.parts}
    assert after == before


def test_points_that_feedback_has_told_of_are_only_taken_back_when_that_is_said(graded: Course):
    page = graded.step("feedback", "bob", "week") / "1_numbers.html"
    page.parent.mkdir(parents=True)
    page.write_text("told")
    change(graded, "test_double", SIZED, SIZED, points=1)
    outcome = autograde(again(graded), "week", options=Options(rejudge=True))
    assert "--allow-lower" in outcome.degraded["bob"]
    assert outcome.moved == []  # it is held back
    log = graded.step("feedback", "bob", "week") / "submission_log.json"
    log.write_bytes((graded.step("autograded", "bob", "week") / "submission_log.json").read_bytes())
    assert "--allow-lower" in autograde(again(graded), "week", options=Options(rejudge=True)).degraded["bob"]
    assert points(graded, "bob", "test_double") == 2
    outcome = autograde(again(graded), "week", options=Options(rejudge=True, allow_lower=True))
    assert points(graded, "bob", "test_double") == 1
    assert [move.reason for move in outcome.moved] == ["points changed"]


def test_points_that_no_feedback_has_told_of_are_taken_back(graded: Course):
    page = graded.step("feedback", "ada", "week") / "1_numbers.html"
    page.parent.mkdir(parents=True)
    page.write_text("told of nothing")
    (page.parent / "submission_log.json").write_bytes(
        (graded.step("autograded", "ada", "week") / "submission_log.json").read_bytes()
    )
    change(graded, "test_double", SIZED, "standard_normal(size)), atol=0.05)")
    assert [move.after for move in autograde(again(graded), "week", options=Options(rejudge=True)).moved] == [2]
    change(graded, "test_double", "standard_normal(size)), atol=0.05)", SIZED)
    outcome = autograde(again(graded), "week", options=Options(rejudge=True))
    assert "ada" not in outcome.degraded
    assert points(graded, "ada", "test_double") == 0


def test_a_test_that_was_never_run_is_not_judged_by_old_evidence(graded: Course, boxes: list[int]):
    change(graded, "test_double", '"double", size', '"other", size')
    outcome = autograde(again(graded), "week", options=Options(rejudge=True))
    assert "without --rejudge" in outcome.degraded["ada"]
    assert points(graded, "ada", "test_double") == 0
    assert len(boxes) == 1  # the instructor's own


# -- what a key holds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "old", "new", "metadata", "runs"),
    [
        ("test_double", SIZED, "standard_normal(size)), atol=1, weight=2, label='x', judge='equal')", {}, False),
        ("test_double", "for size in", "# a remark\nfor size in", {}, False),
        ("test_double", "(2, 5)", "(2, 5)", {"points": 9}, False),
        ("test_double", "(2, 5)", "(2, 6)", {}, True),
        ("test_double", "twice 3 is 6", "twice three is 6", {}, True),
        ("double", "both_halves_together = x + x", "both_halves_together = 2 * x", {}, False),
    ],
)
def test_only_what_a_students_box_executes_decides_whether_it_runs_again(course, cell, old, new, metadata, runs):
    notebook = again(course).assignment("week").notebooks["1_numbers"]
    executed, digest = notebook.executed, notebook.digest
    change(course, cell, old, new, **metadata)
    after = again(course).assignment("week").notebooks["1_numbers"]
    assert (executed != after.executed) == runs
    assert digest != after.digest


@pytest.mark.parametrize(
    ("path", "runs"),
    [("hidden/inputs.txt", True), ("data/table.csv", True), ("truth/labels.txt", False), ("judges.py", False),
     ("mistakes/1_numbers/double/a.py", False), ("reference/weights.pt", False)],
)  # fmt: skip
def test_files_that_only_judge_run_nothing_again(course: Course, path: str, runs: bool):
    notebook = again(course).assignment("week").notebooks["1_numbers"]
    executed, digest = notebook.executed, notebook.digest
    target = course.root / "source" / "week" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("other")
    after = again(course).assignment("week").notebooks["1_numbers"]
    assert (executed != after.executed) == runs
    assert digest != after.digest


def test_terms_that_are_written_out_need_no_run_and_others_do():
    region = "for n in (1, 2):\n    evidence('a', f(n), atol=1e-3 * n, rtol=0, label='two', judge=mse_below(0.5), target=lambda: n)"
    assert "rtol" not in read_region(region).reference
    assert "atol=0.001 * n" in read_region(region).reference
    assert "target=lambda: n, site=0" in read_region(region).reference
    assert read_region(region).terms == ({"rtol": 0.0, "label": "two", "judge": "mse_below", "bound": 0.5},)
    assert (
        read_region(region).reference == read_region(region.replace("rtol=0", "rtol=2").replace("0.5", "7")).reference
    )


@pytest.mark.parametrize(
    "keyword", ["weight='a'", "atol=None", "judge=own(3)", "judge=3", "judge=mse_below()", "rtol=[1]"]
)
def test_terms_that_are_none_are_left_to_the_run_which_says_so(keyword):
    region = f"evidence('a', 1, {keyword})"
    assert read_region(region).terms == ({},)
    assert keyword in read_region(region).reference


def test_the_reference_is_judged_by_the_terms_of_today(assignment: Assignment, tmp_path: Path, boxes: list[int]):
    cache = Cache(tmp_path / "cache")
    first = reference(assignment.notebooks["1_numbers"], "7", cache)
    change(assignment.course, "test_triple", "weight=3", "weight=5, atol=0.5, judge='equal', label='seven'")
    second = reference(again(assignment.course).assignment("week").notebooks["1_numbers"], "7", cache)
    assert len(boxes) == 1
    assert [want.weight for want in first.expected["test_triple"]] == [1, 3]
    want = second.expected["test_triple"][1]
    assert (want.weight, want.terms["atol"], want.terms["rtol"], want.terms["judge"]) == (5, 0.5, 1e-4, "equal")
    assert want.label == "seven"


# -- accidents ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "accident"),
    [("ok", False), ("error", False), ("output_limit", False), ("disk_limit", False), ("timeout", True), ("cpu_limit", True),
     ("memory_limit", True), ("process_limit", True), ("kernel_died:SIGKILL", True), ("kernel_died:box lost", True),
     ("protocol_error", True), ("not_run", True), ("a word of tomorrow", True)],
)  # fmt: skip
def test_endings_that_depend_on_the_machine_are_accidents(word, accident):
    nb = nbformat.v4.new_notebook()
    assert NotebookRun(nb, {"a": CellRun(word, visible="ok")}).accidental == accident
    assert NotebookRun(nb, {"a": CellRun("ok", visible=word)}).accidental == accident
    assert NotebookRun(nb, {"a": CellRun("ok", visible="ok")}, {"cell": word}).accidental == accident


def test_a_reference_that_timed_out_once_is_not_broken_for_ever(assignment: Assignment, tmp_path: Path, monkeypatch):
    cache = Cache(tmp_path / "cache")

    def slow(notebook, nb, **more):
        run = run_notebook(notebook, nb, **more)
        run.cells["test_double"].verdict = "timeout"
        return run

    monkeypatch.setattr("coursegrader.grading.reference.run_notebook", slow)
    with pytest.raises(AuthoringError, match="timeout"):
        reference(assignment.notebooks["1_numbers"], "7", cache)
    monkeypatch.undo()
    assert reference(assignment.notebooks["1_numbers"], "7", cache).expected["test_double"]


def test_who_was_stopped_is_run_again_and_nobody_else(graded: Course, monkeypatch):
    ran: list[str] = []
    real = runners.run_submission

    def watched(notebook, raw, files, seed):
        ran.append(notebook.name)
        return real(notebook, raw, files, seed)

    monkeypatch.setattr(runners, "run_submission", watched)
    autograde(again(graded), "week", student="bob")
    assert ran == ["1_numbers"]
    autograde(again(graded), "week", student="ada", options=Options(fresh=True))
    assert sorted(ran[1:]) == ["1_numbers", "2_words"]


@pytest.mark.parametrize(
    "damage",
    [b"", b"no gzip", gzip.compress(b"{"), gzip.compress(b"[1]"), gzip.compress(b'{"run": 3}')],
    ids=["empty", "no gzip", "cut off", "a list", "another thing"],  # compressed bytes tell the time
)
def test_a_damaged_entry_is_made_again(assignment: Assignment, tmp_path: Path, boxes: list[int], damage: bytes):
    cache = Cache(tmp_path / "cache")
    notebook = assignment.notebooks["2_words"]
    reference(notebook, "7", cache)
    for path in (tmp_path / "cache").rglob("*.gz"):
        path.write_bytes(damage)
    assert reference(notebook, "7", cache).expected["test_shout"]
    assert len(boxes) == 2


def test_a_fresh_cache_gives_back_only_what_it_was_given(tmp_path: Path):
    Cache(tmp_path).put("aa1", 1)
    fresh = Cache(tmp_path, fresh=True)
    assert fresh.get("aa1") is None
    fresh.put("aa1", 2)
    assert fresh.get("aa1") == 2


def test_an_accident_is_only_for_those_who_ask_for_it(tmp_path: Path):
    cache = Cache(tmp_path)
    cache.put("aa1", 1, accident=True)
    assert cache.get("aa1") is None
    assert cache.get("aa1", accidents=True) == 1
    cache.put("aa1", 2)
    assert cache.get("aa1", accidents=True) == 2
