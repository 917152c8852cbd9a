"""What CONTRIBUTING says of the house is so."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
WAY = re.search(r"## A submission's way(.*?)\n## ", PAGE, re.DOTALL)[1]  # type: ignore[index]
STEPS = [
    (name, re.findall(r"`(\w+)/`", line.split("|")[3])[0])
    for line in WAY.splitlines()
    if line.startswith("| ") and "`" in line
    for name in re.findall(r"`([\w.]+)`", line.split("|")[2])
]


@pytest.mark.parametrize(("name", "room"), STEPS)
def test_every_step_of_a_submissions_way_is_a_function_of_the_room_it_names(name, room):
    found = pkgutil.resolve_name(f"coursegrader.{room}.{name}")
    assert callable(found)


def test_a_submission_visits_each_room_once_and_in_order():
    rooms = [room for _, room in STEPS]
    visited = [room for number, room in enumerate(rooms) if number == 0 or rooms[number - 1] != room]
    assert visited == ["intake", "engine", "judging", "grading"]


def test_every_room_is_in_the_table():
    package = ROOT / "coursegrader"
    rooms = {path.parent.relative_to(package).as_posix() for path in package.glob("*/**/__init__.py")}
    table = PAGE.partition("## A submission's way")[0]
    assert rooms == set(re.findall(r"`([\w/]+)/`", "\n".join(re.findall(r"(?m)^\| (`.*?) \|", table))))
