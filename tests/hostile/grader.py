"""A grader that is watched: who it is, what it may use, and what it leaves behind.

Run as a program: it becomes the user it is told to be, runs one command of ``coursegrader`` as a child, and prints as
JSON how that ended and what is left of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from coursegrader.box.linux import syscalls


def watched(course: Path, *command: str, user: int | None = None, rung: int | None = None) -> dict[str, Any]:
    """Run a command of ``coursegrader`` in a course and return what the watcher saw.

    Args:
        course: The course.
        *command: The command line.
        user: Who runs it; None for whoever runs the tests.
        rung: The rung of the ladder to stand on; below the first one, on a machine without namespaces.
    """
    home = tempfile.mkdtemp(prefix="grader-", dir="/var/tmp")
    Path(home, "tmp").mkdir()
    if user is not None:
        subprocess.run(["chown", "-R", f"{user}:{user}", home, str(course)], check=True)
    os.chmod(home, 0o711)
    os.chmod(f"{home}/tmp", 0o711)
    environment = {
        **os.environ, "HOME": home, "TMPDIR": f"{home}/tmp", "XDG_CACHE_HOME": f"/var/tmp/coursegrader-tests-{user or os.geteuid()}",
        "OMP_NUM_THREADS": "1", "SECRET_TOKEN": "FOUND",
        **({"COURSEGRADER_RUNG": str(rung)} if rung else {}),
    }  # fmt: skip
    weaker = rung is not None and rung > 1
    order = json.dumps({"course": str(course), "command": command, "user": user, "weaker": weaker})
    done = subprocess.run(
        [sys.executable, __file__, order], env=environment, capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    seen["left in its folder"] = sorted(os.listdir(f"{home}/tmp"))
    subprocess.run(["rm", "-rf", home], check=True)
    return seen


def _watch(course: str, command: list[str], user: int | None, weaker: bool) -> dict[str, Any]:
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from machines import NAMESPACES, _become

    _become(user, list(NAMESPACES) if weaker else [])
    syscalls.prctl(syscalls.SUBREAPER, 1)  # whatever loses its parent becomes ours, and is counted
    started = time.monotonic()
    grader = psutil.Popen(
        [sys.executable, "-W", "error", "-m", "coursegrader.cli", "--course", course, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    peak = 0
    texts: dict[str, str] = {}
    readers = [
        threading.Thread(target=lambda n=name, s=stream: texts.update({n: s.read()}))
        for name, stream in (("out", grader.stdout), ("err", grader.stderr))
    ]
    for reader in readers:
        reader.start()
    while grader.poll() is None:
        peak = max(peak, _high_water(grader.pid))
        time.sleep(0.05)
    for reader in readers:
        reader.join()
    left = [" ".join(child.cmdline()) or child.name() for child in _left()]
    return {
        "code": grader.returncode,
        "out": texts["out"],
        "err": texts["err"],
        "peak_mb": peak >> 10,
        "seconds": time.monotonic() - started,
        "left running": left,
    }


def _high_water(process: int) -> int:
    """Return the most memory a process has had resident, in KB; 0 when it has just ended."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _left() -> list[psutil.Process]:
    """Return what does not end after the grader has; what has ended is collected, however long a busy machine takes."""
    children = psutil.Process().children(recursive=True)
    return list(psutil.wait_procs(children, timeout=60)[1])


if __name__ == "__main__":
    print(json.dumps(_watch(**json.loads(sys.argv[1]))))
