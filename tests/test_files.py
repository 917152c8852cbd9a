"""A file is written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from coursegrader.files import in_words, temporary_folder, write_whole


def test_a_file_and_its_folder_come_into_being(tmp_path):
    write_whole(tmp_path / "new" / "file.json", b"{}")
    assert (tmp_path / "new" / "file.json").read_bytes() == b"{}"
    assert os.listdir(tmp_path / "new") == ["file.json"]


def test_permissions_are_set_before_anybody_can_open_the_file(tmp_path):
    write_whole(tmp_path / "file", b"x", mode=0o444)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o444
    write_whole(tmp_path / "file", b"y", mode=0o444)  # also over a file that is read-only
    assert (tmp_path / "file").read_bytes() == b"y"


def test_what_fails_half_way_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    write_whole(tmp_path / "file", b"old")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("coursegrader.files.os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_what_a_killed_writer_left_goes_with_the_next_write_and_that_of_a_living_one_stays(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name in (f".file.{gone.pid}.7", f".file.{os.getpid()}.7", f".other.{gone.pid}.7", ".file.notes.txt"):
        (tmp_path / name).write_bytes(b"half")
    write_whole(tmp_path / "file", b"whole")
    assert sorted(os.listdir(tmp_path)) == sorted(
        ["file", f".file.{os.getpid()}.7", f".other.{gone.pid}.7", ".file.notes.txt"]
    )


def test_two_threads_that_write_one_file_never_mix_their_bytes(tmp_path):
    contents = [bytes([65 + n]) * 100_000 for n in range(4)]

    def write(data):
        for _ in range(20):
            write_whole(tmp_path / "file", data)
            assert len(set((tmp_path / "file").read_bytes())) == 1

    threads = [threading.Thread(target=write, args=(data,)) for data in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "file").read_bytes() in contents
    assert os.listdir(tmp_path) == ["file"]


# -- folders for a while -----------------------------------------------------------------------------------------------

HOLDS = """
import pathlib, sys, time
from coursegrader.files import temporary_folder
with temporary_folder("release") as folder:
    (folder / "inner").mkdir()
    (folder / "inner" / "file").write_text("x")
    print(folder, flush=True)
    time.sleep(1000)
"""


def test_a_temporary_folder_is_gone_afterwards(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with temporary_folder("release") as folder:
        (folder / "file").write_text("x")
    assert os.listdir(tmp_path) == []


def test_what_a_killed_process_left_is_removed_by_the_next_and_what_is_in_use_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "coursegrader-release-a file").write_text("not ours")
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS], env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE, text=True
    )
    with process:
        held = Path(process.stdout.readline().strip())
        os.utime(held, (0, 0))
        with temporary_folder("release"):
            assert held.exists()
        process.kill()
        process.wait()
        with temporary_folder("replay"):  # has nothing to do with it
            assert held.exists()
        with temporary_folder("release") as folder:
            assert sorted(tmp_path.iterdir()) == sorted([folder, tmp_path / "coursegrader-release-a file"])


def test_who_stops_reading_what_is_printed_is_told_that_nothing_is_lost():
    assert in_words(BrokenPipeError(errno.EPIPE, "Broken pipe")) == (
        "Broken pipe; nobody reads to the end what is printed; what was done is kept"
    )
