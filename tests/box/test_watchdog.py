"""The process that guards a box: what it sees of other processes; what it does is tested with real boxes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coursegrader.box import watchdog
from coursegrader.box.linux import syscalls
from coursegrader.box.lockup import Limits
from coursegrader.box.usage import processes
from coursegrader.box.usage.clock import Meter


def test_signals_have_names() -> None:
    assert watchdog.signal_name(11) == "SIGSEGV"
    assert watchdog.signal_name(signal.SIGRTMIN + 1) == f"signal {signal.SIGRTMIN + 1}"


def test_descendants_are_found_in_order_of_age() -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()  # type: ignore[union-attr]
        found = processes.descendants(os.getpid())  # earlier tests may have left a fork server among them
        (grandchild,) = processes.descendants(child.pid)
        assert found.index(child.pid) < found.index(grandchild)
        children = processes.descendants(os.getpid(), generations=1)
        assert child.pid in children
        assert grandchild not in children


def guard(code: str, limits: Limits, *, let_go_after: float | None = None, scratch: Path | None = None) -> dict:
    """Guard a process that runs ``code`` and return the watchdog's last words."""
    ours, theirs = socket.socketpair()
    meter = Meter()
    guardian = os.fork()
    if guardian == 0:
        try:
            ours.close()
            syscalls.prctl(syscalls.SUBREAPER, 1)
            kernel = os.fork()
            if kernel == 0:
                os.execv(sys.executable, [sys.executable, "-c", code])
            everybody = lambda: processes.descendants(os.getpid())  # noqa: E731
            end_all = lambda: watchdog.end_descendants(None)  # noqa: E731
            watchdog.Watchdog(
                kernel, theirs, limits, meter=meter, others=everybody, end_all=end_all, scratch=scratch and str(scratch)
            ).run()
        finally:
            os._exit(0)
    theirs.close()
    if let_go_after is not None:
        time.sleep(let_go_after)
        ours.shutdown(socket.SHUT_WR)
    with ours, ours.makefile() as lines:
        words = json.loads(lines.read())
    os.waitpid(guardian, 0)
    return {**words, **meter.read()._asdict()}


def test_the_end_of_a_kernel_is_told() -> None:
    words = guard("raise SystemExit(7)", Limits())
    assert (words["exit"], words["verdict"]) == (7, "kernel_died:exit 7")


def test_memory_is_watched_and_its_peak_told() -> None:
    words = guard("x = bytearray(b'x') * (300 << 20); import time; time.sleep(20)", Limits(memory_mb=150))
    assert (words["exit"], words["verdict"]) == (-9, "memory_limit")
    assert 150 <= words["peak_mb"] < 1.25 * 150


def test_the_peak_of_memory_is_told_when_it_is_long_over() -> None:
    words = guard("import time; x = bytearray(b'x') * (150 << 20); time.sleep(2); del x; time.sleep(3)", Limits())
    assert words["verdict"] == "kernel_died:exit 0"
    assert words["peak_mb"] >= 150


def test_files_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "MAX_FILES", 50)
    code = f"import time\nfor n in range({{}}): open(f'{tmp_path}/{{{{n}}}}', 'w').close()\ntime.sleep({{}})"
    assert guard(code.format(40, 3), Limits(), scratch=tmp_path)["verdict"] == "kernel_died:exit 0"
    assert guard(code.format(80, 60), Limits(), scratch=tmp_path)["verdict"] == "disk_limit"


def test_the_time_of_all_children_is_added_up() -> None:
    code = "import os\nfor _ in range(3): os.fork() or [exec('while True: pass')]\nos.wait()"
    words = guard(code, Limits(cpu_seconds=2))
    assert words["verdict"] == "cpu_limit"


ESCAPES = {
    "children that nobody waits for": "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nwhile True: run(0.3); time.sleep(0.3)",
    "children that are waited for": "while True: run(0.05); os.wait()",
    "orphans": "while True:\n    if os.fork() == 0: run(0.1); os._exit(0)\n    os.wait(); time.sleep(0.15)",
}


@pytest.mark.parametrize("code", ESCAPES.values(), ids=ESCAPES)
def test_nobody_escapes_by_ending(code: str) -> None:
    setup = """
import os, signal, time
def run(seconds):
    if os.fork() == 0:
        while time.process_time() < seconds: pass
        os._exit(0)
"""
    words = guard(setup + code, Limits(cpu_seconds=2))
    assert words["verdict"] == "cpu_limit"
    assert 2 < words["cpu"] < 4


def test_sleep_is_told_apart_from_work() -> None:
    words = guard("import time; time.sleep(2)", Limits())
    assert 1 < words["idle"] < 2.5
    assert words["cpu"] < 1


def test_the_end_of_the_life_line_is_the_end() -> None:
    words = guard("import time; time.sleep(60)", Limits(), let_go_after=0.2)
    assert (words["exit"], words["verdict"]) == (-9, "ended")


def test_a_tree_is_measured_however_deep_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(bytes(1 << 20))
    (tmp_path / "link").symlink_to("/usr")
    tree = processes.measure_tree(str(tmp_path), 100)
    assert 1 << 20 <= tree.size < 2 << 20
    assert tree.number == 3
    deep = "import os\nfor _ in range(4000):\n    os.mkdir('d')\n    os.chdir('d')\nopen('file', 'wb').write(bytes(1 << 20))"
    subprocess.run([sys.executable, "-c", deep], cwd=tmp_path, check=True)
    before = len(os.listdir("/proc/self/fd"))
    tree = processes.measure_tree(str(tmp_path), 10_000)
    assert tree.number == 4004
    assert tree.size >= 2 << 20
    assert len(os.listdir("/proc/self/fd")) == before
    assert 100 < processes.measure_tree(str(tmp_path), 100).number < 200  # more than that is not looked at
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)  # Python's own would recurse too deeply
