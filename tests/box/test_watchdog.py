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

from coursegrader.box import watchdog
from coursegrader.box.lockup import Limits


def test_signals_have_names() -> None:
    assert watchdog.signal_name(11) == "SIGSEGV"
    assert watchdog.signal_name(signal.SIGRTMIN + 1) == f"signal {signal.SIGRTMIN + 1}"


def test_descendants_are_found_in_order_of_age() -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()  # type: ignore[union-attr]
        found = watchdog.descendants(os.getpid())  # earlier tests may have left a fork server among them
        (grandchild,) = watchdog.descendants(child.pid)
        assert found.index(child.pid) < found.index(grandchild)
        children = watchdog.descendants(os.getpid(), generations=1)
        assert child.pid in children
        assert grandchild not in children


def guard(code: str, limits: Limits, *, let_go_after: float | None = None) -> dict:
    """Guard a process that runs ``code`` and return the watchdog's last words."""
    ours, theirs = socket.socketpair()
    guardian = os.fork()
    if guardian == 0:
        ours.close()
        kernel = os.fork()
        if kernel == 0:
            os.execv(sys.executable, [sys.executable, "-c", code])
        others = lambda: watchdog.descendants(os.getpid())  # noqa: E731

        def end_all() -> None:
            for process in others():
                os.kill(process, signal.SIGKILL)

        watchdog.Watchdog(kernel, theirs, limits, others=others, end_all=end_all).run()
        os._exit(0)
    theirs.close()
    if let_go_after is not None:
        time.sleep(let_go_after)
        ours.shutdown(socket.SHUT_WR)
    with ours, ours.makefile() as lines:
        words = json.loads(lines.read())
    os.waitpid(guardian, 0)
    return words


def test_the_end_of_a_kernel_is_told() -> None:
    words = guard("raise SystemExit(7)", Limits())
    assert (words["exit"], words["verdict"]) == (7, "kernel_died:exit 7")


def test_memory_is_watched_and_its_peak_told() -> None:
    words = guard("x = bytearray(b'x') * (300 << 20); import time; time.sleep(20)", Limits(memory_mb=150))
    assert (words["exit"], words["verdict"]) == (-9, "memory_limit")
    assert 150 < words["peak_mb"] < 500


def test_the_time_of_all_children_is_added_up() -> None:
    code = "import os\nfor _ in range(3): os.fork() or [exec('while True: pass')]\nos.wait()"
    words = guard(code, Limits(cpu_seconds=2))
    assert words["verdict"] == "cpu_limit"


def test_the_end_of_the_life_line_is_the_end() -> None:
    words = guard("import time; time.sleep(60)", Limits(), let_go_after=0.2)
    assert (words["exit"], words["verdict"]) == (-9, "ended")


def test_the_size_of_a_tree_is_measured_however_deep_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(bytes(1 << 20))
    (tmp_path / "link").symlink_to("/usr")
    assert 1 << 20 <= watchdog._size(str(tmp_path)) < 2 << 20
    deep = "import os\nfor _ in range(4000):\n    os.mkdir('d')\n    os.chdir('d')"
    subprocess.run([sys.executable, "-c", deep], cwd=tmp_path, check=True)
    assert watchdog._size(str(tmp_path)) > 1 << 40
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)  # Python's own would recurse too deeply
