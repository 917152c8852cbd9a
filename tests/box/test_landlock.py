"""Landlock: what lies outside the given trees cannot be opened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from coursegrader.box.linux import landlock

pytestmark = pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")

PREAMBLE = """
import os, socket, sys
from coursegrader.box.linux import landlock
landlock.restrict(read=[*sys.argv[1].split(), "/nonexistent"], write=sys.argv[2].split())
def attempt(f):
    try:
        f()
        return "done"
    except OSError as error:
        return type(error).__name__
"""


def inside(code: str, *, read: str, write: str) -> list[str]:
    """Run code in a process of its own, confined to two trees."""
    done = subprocess.run(
        [sys.executable, "-c", PREAMBLE + code, read, write], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_trees_are_read_written_or_closed(tmp_path: Path) -> None:
    for name in ("open", "scratch", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    code = f"""
for name in ("open", "scratch", "closed"):
    folder = {str(tmp_path)!r} + "/" + name
    print(attempt(lambda: open(folder + "/file").read()), attempt(lambda: open(folder + "/file", "a")),
          attempt(lambda: open(folder + "/new", "w")), attempt(lambda: os.listdir(folder)),
          attempt(lambda: os.truncate(folder + "/file", 0)))
"""
    answers = inside(code, read=str(tmp_path / "open"), write=str(tmp_path / "scratch"))
    no = "PermissionError"
    assert answers == ["done", no, no, "done", no] + ["done"] * 5 + [no] * 5


@pytest.mark.skipif(landlock.version() < landlock.NETWORK_VERSION, reason="this kernel's Landlock knows no network")
def test_tcp_is_closed(tmp_path: Path) -> None:
    code = "s = socket.socket(); print(attempt(lambda: s.bind(('127.0.0.1', 0))), attempt(lambda: s.connect(('127.0.0.1', 9))))"
    assert inside(code, read="/", write=str(tmp_path)) == ["PermissionError", "PermissionError"]


@pytest.mark.skipif(landlock.version() < landlock.SCOPE_VERSION, reason="this kernel's Landlock knows no signals")
def test_signals_stay_inside(tmp_path: Path) -> None:
    code = "print(attempt(lambda: os.kill(os.getppid(), 0)), attempt(lambda: os.kill(os.getpid(), 0)))"
    assert inside(code, read="/", write=str(tmp_path)) == ["PermissionError", "done"]
