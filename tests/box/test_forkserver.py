"""The process that is forked into kernels: started once, with nothing of ours in it, ended without a trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from coursegrader.box import forkserver, isolation, warmth
from coursegrader.box.forkserver import ForkServer
from coursegrader.box.lockup import Limits
from coursegrader.errors import NoBoxError


@pytest.fixture
def server() -> Iterator[ForkServer]:
    """A server that has imported nothing."""
    server = ForkServer(isolation.probe().rung, preload=())
    yield server
    server.close()


def test_it_knows_nothing_of_the_grader_s_environment(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    process = psutil.Process(server.process.pid)
    names = {"PATH", "HOME", "LANG", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "MPLBACKEND", "IPYTHONDIR"}
    others = {"PYDEVD_DISABLE_FILE_VALIDATION", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"}
    assert set(process.environ()) == names | others | {"OMP_WAIT_POLICY"}
    assert str(Path.home()) not in str(process.environ())
    assert str(server.folder) not in " ".join(process.cmdline())


def test_ctrl_c_in_the_grader_s_terminal_does_not_reach_it(server: ForkServer) -> None:
    assert os.getsid(server.process.pid) == server.process.pid


def test_a_trial_of_its_boxes_finds_no_way_out(server: ForkServer) -> None:
    with server.order(server.new_folder(), limits=Limits(), trial=True) as life_line, life_line.makefile() as lines:
        assert json.loads(lines.readline()) == {"ready": True, "leaks": []}
        assert json.loads(lines.readline())["verdict"] == "kernel_died:exit 0"


def test_it_ends_without_a_trace(server: ForkServer) -> None:
    with server.order(server.new_folder(), limits=Limits(), trial=True) as life_line, life_line.makefile() as lines:
        lines.read()
    everybody = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
    server.close()
    assert [process for process in everybody if process.is_running()] == []
    assert not server.folder.exists()
    assert not server.alive


def test_folders_that_a_box_left_without_end_are_removed_with_it(server: ForkServer) -> None:
    here = os.open(server.folder, os.O_RDONLY)
    try:
        for _ in range(3_000):  # beyond what Python can call, one in the other, and what a path can name
            os.mkdir("d", dir_fd=here)
            inner = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
    finally:
        os.close(here)
    server.process.kill()  # else it tidies up behind itself
    server.close()
    assert not server.folder.exists()


def test_a_server_that_has_died_says_so_and_is_replaced() -> None:
    rung = isolation.probe().rung
    first = forkserver.shared(rung, preload=())
    try:
        assert forkserver.shared(rung, preload=()) is first
        first.process.kill()
        first.process.wait()
        time.sleep(0.2)  # until those behind it have noticed
        with pytest.raises(NoBoxError, match="has ended: exit status -9"):
            first.order(first.new_folder(), limits=Limits(), trial=True)
        second = forkserver.shared(rung, preload=())
        assert second is not first
        assert not first.folder.exists()
        assert second.alive
    finally:
        forkserver.close()


def test_a_module_that_cannot_be_imported_stops_nothing_but_threads_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "starts_a_thread.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    rung = isolation.probe().rung
    for preload, fine in ((["no_such_module"], True), (["starts_a_thread"], False)):
        server = ForkServer(rung, preload)
        try:
            folder = server.new_folder()
            with server.order(folder, limits=Limits(), trial=True) as life_line:
                try:
                    data = life_line.recv(100)
                except ConnectionResetError:
                    data = b""
            assert bool(data) == fine
            if not fine:
                assert "2 threads after the imports" in server.last_words()
        finally:
            server.close()


def test_a_server_in_the_middle_of_long_imports_ends_with_its_grader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "takes_long.py").write_text("import time\nfor _ in range(100_000):\n    time.sleep(0.01)\n")
    server = ForkServer(isolation.probe().rung, ["takes_long"])
    try:
        server.warm(["takes_long"])  # orders that it has not read yet do not keep it
        server.fork_ahead()
        time.sleep(1)
        everybody = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
        server.control.close()
        assert psutil.wait_procs(everybody, timeout=100)[1] == []  # and not after the thousand seconds of the import
        assert not server.folder.exists()
    finally:
        server.close()


def test_throw_away_users_belong_to_nobody() -> None:
    users = warmth.throw_away_users()
    assert len(users) > 1000
    taken = {int(line.split(":")[2]) for line in Path("/etc/passwd").read_text().splitlines()}
    assert not taken & {users[0], users[-1], users[len(users) // 2]}
    assert os.getuid() not in users


@pytest.mark.parametrize("where", ["/tmp", "/home/student"])
def test_python_may_live_under_a_folder_that_boxes_cover(where: str) -> None:
    if where != "/tmp" and os.geteuid():
        pytest.skip("only root can make homes")
    made = not os.path.exists(where)
    os.makedirs(where, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=where) as folder:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", f"{folder}/env"], check=True)
        packages = next(Path(folder, "env", "lib").glob("python*/site-packages"))
        for path in sys.path:
            if os.path.basename(path) == "site-packages":
                (packages / "theirs.pth").write_text(f"{path}\n{Path(__file__).parents[2]}\n")
        (packages / "mine.py").write_text("answer = 42\n")
        code = """
from machines import Grader
import asyncio
from coursegrader.box import forkserver
forkserver.PRELOAD = ("coursegrader.evidence", "coursegrader.box.inside.loop")
async def main():
    grader = Grader()
    box = await grader.open()
    print(await grader.run(box, "import mine, sys; print(mine.answer, sys.prefix)", 20))
    print(await grader.run(box, f"open({mine!r}, 'w')", 20))
    await grader.end(box)
asyncio.run(main())
""".replace("{mine!r}", repr(str(packages / "mine.py")))
        done = subprocess.run(
            [f"{folder}/env/bin/python", "-c", code],
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
        )
        assert done.stderr == ""
        first, second = done.stdout.splitlines()
        assert first == f"42 {folder}/env"
        assert second.startswith(("PermissionError", "OSError: [Errno 30] Read-only"))
    if made:
        os.rmdir(where)
