"""A class in which honest students sit among those who cheat, sabotage and spy, and among damaged files.

It is graded in one run, and watched: what everybody earns, what is left over, what the grader itself took.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from hostile import course as hostile_course
from hostile.case import Case
from hostile.cheats import CHEATS
from hostile.damage import DAMAGE
from hostile.grader import watched
from hostile.honest import HONEST
from hostile.sabotage import MARK, SABOTAGE
from hostile.spying import SPYING
from machines import ORDINARY_USER

from coursegrader.box import isolation
from coursegrader.course.course import Course
from coursegrader.intake.reading.regular import printable

ATTACKS = [*CHEATS, *SABOTAGE, *SPYING, *DAMAGE]
SAMPLE = [case for case in ATTACKS if case.weaker]
CASES = [*HONEST, *ATTACKS]
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@dataclass
class Graded:
    """A class after it was graded."""

    course: Course
    cases: list[Case]
    seen: dict[str, Any]  # by the watcher
    before: dict[str, str]  # every file of the course, by content, before and after
    after: dict[str, str]

    def log(self, case: Case, view: str = "grading") -> dict[str, Any]:
        """Return a student's log."""
        place = self.course.grading / case.id / "week" if view == "grading" else self.folder(case)
        return json.loads((place / "submission_log.json").read_text("utf-8"))

    def folder(self, case: Case) -> Path:
        """Return what was published of a submission."""
        return self.course.step("autograded", case.id, "week")

    def cells(self, case: Case) -> dict[str, Any]:
        """Return the result of every graded cell."""
        return {cell["grade_id"]: cell for cell in self.log(case)["grading"]["notebooks"][0]["cells"]}

    def stopped(self, case: Case) -> list[str]:
        """Return what is said of cells that are not graded and did not end well."""
        notebook = self.log(case)["grading"]["notebooks"][0]
        return [finding["detail"] for finding in notebook["findings"] if finding["code"] == "cell_stopped"]


def grade(root: Path, cases: list[Case], user: int | None = None, rung: int | None = None) -> Graded:
    """Hand in and grade a class: honest students before, between and after the others."""
    root.parent.chmod(0o755)
    if root.exists():  # of a first try at the same test
        shutil.rmtree(root)
    root.mkdir(mode=0o755)
    course = hostile_course.write(root)
    for case in cases:
        case.write(course)
    before = contents(root)
    seen = watched(root, "autograde", "week", "--jobs", "2", "--json", user=user, rung=rung)
    return Graded(course, cases, seen, before, contents(root))


def contents(root: Path) -> dict[str, str]:
    """Return the hash of every regular file beneath a folder, and what other things there are."""
    listing = subprocess.run(
        ["find", ".", "(", "-type", "f", "-exec", "sha256sum", "-z", "{}", "+", ")", "-o", "-printf", "%y %l -- %p\\0"],
        cwd=root, check=True, capture_output=True,
    ).stdout  # fmt: skip
    lines = [line.decode("utf-8", "surrogateescape") for line in listing.split(b"\0") if line]
    return {line.partition("  " if "  ./" in line else " -- ")[2]: line for line in lines}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder that everybody may pass through, far from what is removed by name."""
    path = Path("/var/tmp") / f"hostile-{os.getpid()}"
    path.mkdir(mode=0o755)
    yield path
    subprocess.run(["chmod", "-R", "u+rwX", str(path)], check=True)
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def graded(request: pytest.FixtureRequest, folder: Path) -> Graded:
    """Return the whole class, or the sample of it that is tested, graded by whoever runs the tests."""
    tested = [item.callspec.params.get("case") for item in request.session.items if hasattr(item, "callspec")]
    return grade(folder / "whole", [case for case in CASES if case in HONEST or case in tested])


def check_end(graded: Graded, case: Case) -> None:
    """Check that a submission ended with what its case says."""
    degraded = json.loads(graded.seen["out"])["degraded"]
    if case.degraded or was_cut_short(graded, case):
        assert printable(case.id) in degraded
    else:  # a visible test may have been stopped, which costs nothing by itself
        assert " ended with " in degraded.get(printable(case.id), " ended with ")
    assert case.degraded in degraded.get(printable(case.id), "")
    if case.ungraded:
        assert not (graded.course.grading / case.id).exists()
        return
    cells = graded.cells(case)
    points = {name: cell["points"] for name, cell in cells.items() if name in case.expected()}
    details = {name: (cell["verdict"], cell.get("detail", "")[:200]) for name, cell in cells.items()}
    assert points == case.expected(), details
    for name, word in case.loses.items():
        if isinstance(word, str):
            assert cells[name]["verdict"].startswith(tuple(word.split("|"))), details[name]
    log = graded.log(case)["grading"]
    codes = {finding["code"] for finding in log["findings"] + log["notebooks"][0]["findings"]}
    assert set(case.findings) <= codes
    check_stopped(graded, case)


def was_cut_short(graded: Graded, case: Case) -> bool:
    """Say whether a limit of time or memory stopped anything in a submission, as its log tells."""
    if case.ungraded:
        return False
    ends = [cell["verdict"] for cell in graded.cells(case).values()] + graded.stopped(case)
    return any(word in end for end in ends for word in ("timeout", "cpu_limit", "memory_limit", "not_run"))


def check_stopped(graded: Graded, case: Case) -> None:
    """Check the cells that are not graded; a cheat may break what it likes."""
    stopped = graded.stopped(case)
    words = [f"ended with {word}" for word in case.stopped.split("|") if word]
    if stopped and not case.blank:
        assert all(line.startswith(tuple(f"the cell {word}" for word in words)) for line in stopped), stopped
    assert stopped or case.blank or "" in case.stopped.split("|")


def check_machine(graded: Graded) -> None:
    """Check that nothing is left of the submissions and that the grader itself stayed calm."""
    seen = graded.seen
    assert seen["code"] == (1 if json.loads(seen["out"])["degraded"] else 0)
    assert seen["err"] == ""
    assert seen["left running"] == []
    assert seen["left in its folder"] == []
    assert seen["peak_mb"] < 300
    for place in ("/", "/tmp", "/dev/shm", "/var/tmp", str(Path.home())):
        assert not [name for name in os.listdir(place) if MARK in name], place
    new = set(graded.after) - set(graded.before)
    assert {name.split("/")[1] for name in new} <= {"autograded", "grading", "gradebook.db"}
    changed = {name for name, line in graded.before.items() if graded.after.get(name) != line}
    assert not changed


def check_secrets(graded: Graded, case: Case) -> None:
    """Check that nothing a student gets to read holds a hidden line, and that spies found nothing."""
    if case.ungraded:
        return
    published = [(graded.folder(case) / "submission_log.json").read_text("utf-8")]
    assert published[0].count('"cell_stopped"') <= 4  # as many cells as there is to send could end as a message says
    path = graded.folder(case) / "lab.ipynb"
    for cell in nbformat.read(path, 4).cells if path.exists() else []:
        said = json.dumps(cell.get("outputs", []))
        assert "FOUND" not in said, said
        if cell.metadata.get("nbgrader", {}).get("grade"):
            published += [cell.source, said]
    for secret in hostile_course.secrets():
        assert not any(secret in text for text in published), secret
    assert not re.search(r"([0-9]+, ){9}", published[0])  # a text can be written in numbers, too


# -- whoever runs the tests, on the strongest rung ---------------------------------------------------------------------


def test_there_are_enough_of_them():
    assert len(ATTACKS) >= 80
    assert len(SAMPLE) >= 20
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_ends_as_it_must(graded: Graded, case: Case):
    check_end(graded, case)
    check_secrets(graded, case)


@pytest.mark.slow(sampled=True)
def test_nothing_is_left_and_the_grader_stays_small(graded: Graded):
    check_machine(graded)
    rungs = {graded.log(case)["grading"]["notebooks"][0]["rung"] for case in graded.cases if not case.ungraded}
    assert 1 in rungs <= {0, 1}  # 0: nothing of it could be run


@pytest.mark.slow
def test_honest_students_get_what_they_get_among_themselves(graded: Graded, folder: Path):
    alone = grade(folder / "alone", HONEST)
    for case in HONEST:
        among = graded.log(case)["grading"]["notebooks"][0]["cells"]
        themselves = alone.log(case)["grading"]["notebooks"][0]["cells"]
        for cell in (*among, *themselves):
            del cell["seconds"]
            for item in cell[
                "evidence"
            ]:  # another course has another seed, so wrong values are wrong by another amount
                del item["max_error"], item["where"], item["expected"], item["got"]
        assert among == themselves


@pytest.mark.slow
@pytest.mark.xdist_group("hostile-pages")
def test_feedback_pages_hold_no_secret_and_nothing_that_acts(folder: Path):
    shown = [case for case in DAMAGE if "script" in case.name or "attach" in case.name or case.student]
    acting = [case for case in SABOTAGE if "acts" in case.name]
    graded = grade(folder / "published", [*HONEST, *SPYING, *acting, *shown])
    seen = watched(graded.course.root, "feedback", "week")
    assert (seen["code"], seen["err"]) == (0, "")
    pages = sorted((graded.course.root / "feedback").glob("*/week/*.html"))
    assert len([page for page in pages if page.name != "index.html"]) == sum(
        1 for case in graded.cases if (graded.folder(case) / "lab.ipynb").exists()
    )
    for page in pages:
        text = page.read_text("utf-8")
        for secret in hostile_course.secrets():
            assert secret not in text, (page, secret)
            assert html.escape(secret) not in text, (page, secret)
        for tag in BeautifulSoup(text, "html.parser").find_all(True):
            assert tag.name not in ("script", "iframe", "object", "embed", "form"), (page, tag)
            assert not [name for name in tag.attrs if name.startswith("on")], (page, tag)
            assert not str(tag.get("href", "")).lower().startswith(("javascript", "data")), (page, tag)


# -- somebody else, and weaker rungs ------------------------------------------------------------------------------------


@root_only
@pytest.mark.slow
@pytest.mark.xdist_group("hostile-as-a-user")
def test_as_an_ordinary_user(folder: Path):
    graded = grade(folder / "user", [*HONEST, *(case for case in ATTACKS if case not in DAMAGE)], user=ORDINARY_USER)
    for case in graded.cases:
        check_end(graded, case)
        unread = case.degraded and not case.stopped  # what could be read was run
        assert graded.log(case)["grading"]["notebooks"][0]["rung"] == (0 if unread else 1)
    check_machine(graded)


@root_only
@pytest.mark.slow
@pytest.mark.xdist_group("hostile-weaker")
@pytest.mark.parametrize(("rung", "user"), [(2, None), (3, ORDINARY_USER)])
def test_a_sample_on_the_weaker_rungs(folder: Path, rung: int, user: int | None):
    graded = grade(folder / f"rung-{rung}", [*HONEST, *SAMPLE], user=user, rung=rung)
    for case in graded.cases:
        check_end(graded, case)
        check_secrets(graded, case)
        assert graded.log(case)["grading"]["notebooks"][0]["rung"] == rung
    check_machine(graded)


def test_this_machine_has_the_strongest_rung():
    assert isolation.probe().rung == 1
