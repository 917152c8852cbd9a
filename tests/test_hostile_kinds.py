"""Nobody is paid for a dict, set, date, table or plot that is not right, and what is done to one costs no other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile import kinds
from hostile.grader import watched
from hostile.kinds import KINDS, Kind

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def graded() -> Iterator[dict[str, Any]]:
    """Return the results of every student by cell, and what the watcher saw."""
    root = Path("/var/tmp/hostile-kinds")
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(mode=0o755)
    course = kinds.write(root)
    for kind in KINDS:
        kind.write(course)
    seen = watched(root, "autograde", "week", "--jobs", "2", "--json")
    found: dict[str, Any] = {"seen": seen}
    for kind in KINDS:
        log = json.loads((course.grading / kind.id / "week" / "submission_log.json").read_text("utf-8"))
        found[kind.id] = {cell["grade_id"]: cell for cell in log["grading"]["notebooks"][0]["cells"]}
    yield found
    shutil.rmtree(root)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_each_earns_what_its_answers_are_worth(graded: dict[str, Any], kind: Kind):
    cells = graded[kind.id]
    told = {name: (cell["verdict"], cell["detail"], cell["evidence"]) for name, cell in cells.items()}
    assert {name: cell["points"] for name, cell in cells.items()} == kind.expected(), told


def test_nothing_is_left_and_the_grader_stays_small(graded: dict[str, Any]):
    seen = graded["seen"]
    assert seen["err"] == ""
    assert (seen["left running"], seen["left in its folder"]) == ([], [])
    assert seen["peak_mb"] < 300


def test_there_is_an_attack_on_every_kind():
    attacked = {name for kind in KINDS for name in kind.answers}
    assert attacked == {name.removeprefix("test_") for name in kinds.POINTS}
    assert len({kind.id for kind in KINDS}) == len(KINDS) >= 30
