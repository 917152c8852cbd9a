"""The ladder: each rung is found where it works, and refusal says what is missing."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from machines import LANDLOCK, NAMESPACES, ORDINARY_USER, Machine

from coursegrader.box import isolation
from coursegrader.errors import NoBoxError

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can play another user")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget what other tests found, and what the developer's shell asks for."""
    for name in (isolation.FORCE, isolation.EXTERNAL):
        monkeypatch.delenv(name, raising=False)
    isolation._climb.cache_clear()
    yield
    isolation._climb.cache_clear()


def test_the_best_rung_has_nothing_to_mend() -> None:
    found = isolation.probe()
    assert (found.rung, found.name, found.why, found.fix) == (1, "namespaces", "", "")
    assert str(found) == "isolation rung 1 (namespaces)"


def test_a_probe_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    isolation.probe()
    assert os.listdir(tmp_path) == []


def test_it_is_tried_once_per_process(monkeypatch: pytest.MonkeyPatch) -> None:
    first = isolation.probe()
    monkeypatch.setattr(sys, "executable", "/nonexistent")  # a second trial could not even start
    assert isolation.probe() is first


def test_a_machine_that_is_disposable_needs_no_box_if_its_operator_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(isolation.FORCE, "4")
    with pytest.raises(NoBoxError, match=r"nobody has stated.*export COURSEGRADER_EXTERNAL_ISOLATION=1"):
        isolation.probe()
    monkeypatch.setenv(isolation.EXTERNAL, "1")
    found = isolation.probe()
    assert (found.rung, found.name) == (4, "external")
    assert "COURSEGRADER_RUNG=4 asks for it" in str(found)


def test_a_rung_that_is_too_weak_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(isolation.FORCE, "4")
    monkeypatch.setenv(isolation.EXTERNAL, "1")
    assert isolation.probe(require=4).rung == 4
    with pytest.raises(NoBoxError, match=r"rung 2 \(uid\) is required, but this is isolation rung 4 \(external\)"):
        isolation.probe(require=2)


def test_an_unknown_rung_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(isolation.FORCE, "best")
    with pytest.raises(NoBoxError, match="COURSEGRADER_RUNG=best is no rung; to mend it: unset COURSEGRADER_RUNG"):
        isolation.probe()


def test_other_systems_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(NoBoxError, match=r"Darwin has no way.*Linux virtual machine"):
        isolation.probe()


def ask(**settings: object) -> list:
    machine = Machine(light=True, **settings)  # type: ignore[arg-type]
    try:
        return machine.ask("rung")
    finally:
        machine.close()
        assert machine.left == []


@only_root
def test_where_nothing_works_a_sentence_says_what_is_missing() -> None:
    with pytest.raises(
        RuntimeError, match=r"NoBoxError: student code cannot be locked up here: .*Landlock.*; to mend it: "
    ):
        ask(user=ORDINARY_USER, forbidden=NAMESPACES + LANDLOCK)


@only_root
def test_a_forced_rung_is_used_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    rung, name, why, fix = ask(user=ORDINARY_USER, variables={isolation.FORCE: "3"})
    assert (rung, name) == (3, "landlock")
    assert why == "COURSEGRADER_RUNG=3 asks for it"
    assert fix == "unset COURSEGRADER_RUNG"


@only_root
def test_a_forced_rung_that_does_not_hold_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"NoBoxError.*unshare"):
        ask(forbidden=NAMESPACES, variables={isolation.FORCE: "1"})


@only_root
def test_a_closed_folder_on_the_way_to_python_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    (closed / "python").mkdir(parents=True)
    closed.chmod(0o700)
    for folder in tmp_path.parents:
        if str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    tmp_path.chmod(0o755)
    monkeypatch.setattr("coursegrader.box.tree.python_parts", lambda: [str(closed / "python")])
    monkeypatch.setenv(isolation.FORCE, "2")
    with pytest.raises(
        NoBoxError, match=f"throw-away users cannot reach Python through {closed}; to mend it: chmod o.x {closed}"
    ):
        isolation.probe()


def test_a_probe_imports_nothing_heavy() -> None:
    code = "import sys; from coursegrader.box import isolation; isolation.probe(); print('torch' in sys.modules, 'zmq' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_on_windows_there_is_a_sentence_and_no_traceback_of_imports() -> None:
    code = """
import ctypes, os, platform, socket, subprocess, sys, tempfile
for name in ("fcntl", "pwd", "resource"):
    sys.modules[name] = None
platform.system = lambda: "Windows"
del os.geteuid, os.sysconf
os.name = "nt"
from coursegrader.box import isolation
from coursegrader.errors import NoBoxError
try:
    isolation.probe()
except NoBoxError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Windows has no way" in done.stdout
    assert "WSL2" in done.stdout
