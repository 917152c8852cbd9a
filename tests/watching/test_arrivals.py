"""When has something arrived? When it is whole and has not changed for a while; what came first comes first."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from coursegrader.watching.arrivals import Arrivals, is_whole

WHOLE = '{"cells": []}\n'


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:  # noqa: D102
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def arrivals(clock: Clock) -> Arrivals:
    return Arrivals(settle=2.0, patience=30.0, clock=clock, now=lambda: 0.0)  # to the file system, all is in the future


def names(arrivals: Arrivals, *paths: Path) -> list[str]:
    return [name for name, _ in arrivals.ready({path.name: path for path in paths})]


def test_what_changes_is_waited_for_until_it_rests(tmp_path: Path, clock: Clock, arrivals: Arrivals):
    folder = tmp_path / "ada"
    folder.mkdir()
    assert names(arrivals, folder) == [], "an empty folder is no hand-in"
    (folder / "a.ipynb").write_text(WHOLE)
    assert names(arrivals, folder) == []
    assert arrivals.next == 2.0
    clock.time += 1.5
    (folder / "b.ipynb").write_text(WHOLE)
    assert names(arrivals, folder) == []
    clock.time += 1.5
    assert names(arrivals, folder) == []
    clock.time += 0.5
    assert names(arrivals, folder) == ["ada"]


def test_what_is_cut_off_is_waited_for_longer_but_not_for_ever(tmp_path: Path, clock: Clock, arrivals: Arrivals):
    (tmp_path / "a.ipynb").write_text(WHOLE[:7])
    assert names(arrivals, tmp_path) == []
    clock.time += 29
    assert names(arrivals, tmp_path) == []
    clock.time += 1
    assert names(arrivals, tmp_path) == [tmp_path.name]


def test_what_lay_there_long_before_is_not_waited_for(tmp_path: Path):
    (tmp_path / "a.ipynb").write_text(WHOLE)
    changed = (tmp_path / "a.ipynb").stat().st_ctime
    assert names(Arrivals(2.0, 30.0, now=lambda: changed + 60), tmp_path) == [tmp_path.name]


def test_what_came_first_is_first_whatever_its_files_say_about_their_age(
    tmp_path: Path, clock: Clock, arrivals: Arrivals
):
    for name in ("zoe", "ada", "mia"):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "a.ipynb"
        path.write_text(WHOLE)
        os.utime(path, (0, 0) if name == "mia" else None)
        while path.stat().st_ctime_ns >= _now(tmp_path):
            pass
    folders = [tmp_path / name for name in ("ada", "mia", "zoe")]
    names(arrivals, *folders)
    clock.time += 2
    assert names(arrivals, *folders) == ["zoe", "ada", "mia"]


def _now(folder: Path) -> int:
    probe = folder / "probe"
    probe.write_text("")
    return probe.stat().st_ctime_ns


def test_what_is_done_comes_again_only_when_it_looks_otherwise(tmp_path: Path, clock: Clock, arrivals: Arrivals):
    (tmp_path / "a.ipynb").write_text(WHOLE)
    arrivals.ready({"ada": tmp_path})
    clock.time += 2
    ((name, seen),) = arrivals.ready({"ada": tmp_path})
    arrivals.done(name, seen)
    clock.time += 100
    assert arrivals.ready({"ada": tmp_path}) == []
    (tmp_path / "a.ipynb").write_text(WHOLE + " ")
    assert arrivals.ready({"ada": tmp_path}) == []
    clock.time += 2
    assert [name for name, _ in arrivals.ready({"ada": tmp_path})] == ["ada"]


def test_unfinished_downloads_and_broken_archives_are_not_whole(tmp_path: Path):
    good = tmp_path / "all.zip"
    with zipfile.ZipFile(good, "w") as archive:
        archive.writestr("a.ipynb", WHOLE)
    assert is_whole(good)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(good.read_bytes()[:-30])
    assert not is_whole(cut)
    (tmp_path / "all.zip.crdownload").write_bytes(b"PK")
    assert not is_whole(tmp_path / "all.zip.crdownload")
    (tmp_path / "link").symlink_to("/dev/zero")
    assert is_whole(tmp_path / "link"), "a link is not followed; that it cannot be graded is said by others"
