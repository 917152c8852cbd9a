"""When has something arrived? When it is whole and has not changed for a while; what came first comes first."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursegrader.watching import arrivals as arriving
from coursegrader.watching.arrivals import Arrivals, content, entries, is_whole, mark

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


def names_in(folder: Path, most: int = 1000) -> list[str]:
    return [name for name, _ in entries(folder, most)[0]]


def test_no_link_is_followed_not_even_the_folder_itself(tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    (elsewhere / "deep" / "secret.ipynb").write_text(WHOLE)
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "all").symlink_to("/")
    (tmp_path / "bo").symlink_to(elsewhere)
    assert names_in(tmp_path / "ada") == ["", "all"]
    assert names_in(tmp_path / "bo") == [""]
    before = mark(tmp_path / "ada"), content(tmp_path / "ada"), mark(tmp_path / "bo")
    (elsewhere / "deep" / "secret.ipynb").write_text(WHOLE * 2)
    assert (mark(tmp_path / "ada"), content(tmp_path / "ada"), mark(tmp_path / "bo")) == before


def test_a_flood_is_looked_at_up_to_a_limit_and_what_lies_at_the_top_comes_first(tmp_path: Path):
    for number in range(30):
        (tmp_path / ".venv" / f"package{number}").mkdir(parents=True)
        for file in range(30):
            (tmp_path / ".venv" / f"package{number}" / f"{file}.py").touch()
    (tmp_path / "a.ipynb").write_text(WHOLE)
    found, cut = entries(tmp_path, 100)
    assert cut
    assert len(found) <= 101
    assert "a.ipynb" in [name for name, _ in found[:3]]
    before = mark(tmp_path, 100)
    (tmp_path / "a.ipynb").write_text(WHOLE * 2)
    assert before.cut
    assert mark(tmp_path, 100) != before, "a student with a folder of packages can hand in again"
    found, cut = entries(tmp_path, 2000)
    assert not cut
    assert len(found) == 1 + 2 + 30 + 900


@pytest.fixture
def bottomless(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with folders in it, deeper than any path can say."""
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    yield tmp_path
    subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # Python's own way cannot go as deep


def test_folders_in_folders_without_end_and_things_that_are_no_files_stop_nobody(bottomless: Path, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.ipynb")
    assert is_whole(tmp_path), "what is no file is not opened: a pipe would be waited for without end"
    found, cut = entries(tmp_path)
    assert not cut
    assert 1000 < len(found) < 3000
    assert mark(tmp_path).files == 1
    content(tmp_path)


def test_only_so_much_is_read_to_tell_one_hand_in_from_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(arriving, "_READ", 100)
    (tmp_path / "0.bin").write_bytes(b"x" * 90)
    (tmp_path / "a.ipynb").write_text(WHOLE)
    before = content(tmp_path)
    (tmp_path / "0.bin").write_bytes(b"y" * 90)
    assert content(tmp_path) == before, "only its size is known"
    (tmp_path / "0.bin").write_bytes(b"y" * 91)
    assert content(tmp_path) != before
    before = content(tmp_path)
    (tmp_path / "a.ipynb").write_text(WHOLE.replace(" ", "  "))
    assert content(tmp_path) != before, "notebooks are read first"
