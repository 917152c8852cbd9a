"""What does the process that guards a box do?

It is the parent of the kernel, outside the reach of student code: it measures what all of the box's processes use
together, passes on interrupts, and ends everything when the kernel ends, when a limit is passed or when the grader
lets go of the life line.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from coursegrader.box.lockup import Limits, become

INTERRUPT = b"i"
PERIOD_MS = 50
USUAL_SOCKETS = 100  # a kernel has about twenty
SOCKET_BYTES = 2 * 212_992  # the largest buffer that a process may ask for, with the kernel's own share
_MB = 1 << 20
_LONGEST_PATH = 3000  # the system takes 4096 bytes


class Watchdog:
    """Guards one kernel until it ends, then leaves nobody behind.

    Args:
        kernel: Process id of the kernel, a child of this process.
        life_line: Socket to the grader; its end means the box's end.
        limits: What the box may use.
        others: Lists all processes of the box.
        end_all: Kills all processes of the box, this one excepted.
        folders: Memory file systems whose content counts as memory.
        scratch: Folder on a real disk to measure, where the box has no file system of its own.
        sockets: File that lists the box's unix sockets, one a line, whose buffers are memory too.
    """

    def __init__(
        self,
        kernel: int,
        life_line: socket.socket,
        limits: Limits,
        *,
        others: Callable[[], Iterable[int]],
        end_all: Callable[[], None],
        folders: Iterable[str] = (),
        scratch: str | None = None,
        sockets: str | None = None,
    ) -> None:
        self.kernel = kernel
        self.life_line = life_line
        self.limits = limits
        self.others = others
        self.end_all = end_all
        self.folders = list(folders)
        self.scratch = scratch
        self.sockets = sockets
        self.status: int | None = None
        self.peak_mb = 0
        self.ooms = _oom_kills()

    def run(self) -> None:
        """Guard the kernel; return when nobody is left, having said how it ended."""
        verdict = self._wait()
        self.end_all()
        self._reap(wait=True)
        code = -signal.SIGKILL if self.status is None else os.waitstatus_to_exitcode(self.status)
        self._say({"exit": code, "verdict": verdict or self._verdict(code), "peak_mb": self.peak_mb})

    def _wait(self) -> str | None:
        """Return when the box has to end, with the limit that was passed, if it was one."""
        watched = select.poll()
        handle = os.pidfd_open(self.kernel)
        watched.register(handle, select.POLLIN)
        watched.register(self.life_line, select.POLLIN)
        measured = 0.0
        while True:
            ready = {descriptor for descriptor, _ in watched.poll(PERIOD_MS)}
            self._reap()
            if self.status is not None or handle in ready:
                self._reap()
                return None
            if self.life_line.fileno() in ready and not self._obey():
                return "ended"
            if time.monotonic() - measured >= PERIOD_MS / 1000:  # a flood of commands must not make us measure more
                verdict = self._measure()
                if verdict:
                    return verdict
                measured = time.monotonic()

    def _obey(self) -> bool:
        """Carry out the grader's commands; False when it has let go."""
        commands = self.life_line.recv(64)
        if INTERRUPT in commands:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.kernel, signal.SIGINT)
        return bool(commands)

    def _reap(self, *, wait: bool = False) -> None:
        """Collect processes that ended; orphans of the box become our children."""
        while True:
            try:
                process, status = os.waitpid(-1, 0 if wait else os.WNOHANG)
            except ChildProcessError:
                return
            if process == 0:
                return
            if process == self.kernel:
                self.status = status

    def _measure(self) -> str | None:
        """Return the limit that the box has passed, or None."""
        processes = list(self.others())
        files = sum(_used(folder) for folder in self.folders) + self._socket_buffers()
        memory = files + sum(_resident(process) for process in processes)
        if memory > self.limits.memory_mb * _MB:  # pages shared after a fork were counted once per process: look closer
            memory = files + sum(_proportional(process) for process in processes)
        self.peak_mb = max(self.peak_mb, memory // _MB)
        if memory > self.limits.memory_mb * _MB:
            return "memory_limit"
        import resource  # Windows has none

        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = ended.ru_utime + ended.ru_stime + sum(_cpu_seconds(process) for process in processes)
        if seconds > self.limits.cpu_seconds:
            return "cpu_limit"
        if self.scratch and _size(self.scratch) > self.limits.disk_mb * _MB:
            return "disk_limit"
        return None

    def _socket_buffers(self) -> int:
        """Return what the box's sockets may hold at most, if there are more of them than honest code has."""
        if self.sockets is None:
            return 0
        number = _read(self.sockets).count("\n")
        return number * SOCKET_BYTES if number > USUAL_SOCKETS else 0

    def _verdict(self, code: int) -> str:
        if code >= 0:
            return f"kernel_died:exit {code}"
        if code == -signal.SIGXCPU:
            return "cpu_limit"
        if code == -signal.SIGKILL and _oom_kills() > self.ooms:
            return "memory_limit"
        return f"kernel_died:{signal_name(-code)}"

    def _say(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the grader may have gone, which is why we are here
            self.life_line.sendall(json.dumps(message).encode() + b"\n")


def signal_name(number: int) -> str:
    """Return a signal's name; real-time signals have none but their number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def processes_here() -> list[int]:
    """List every process of this pid namespace but its first, which is the watchdog."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]


def descendants(process: int, generations: int = 1 << 30) -> list[int]:
    """List the children of a process, their children, and so on."""
    found: list[int] = []
    parents = [process]
    while parents and generations > 0:
        parents = [child for parent in parents for child in _children(parent)]
        found += parents
        generations -= 1
    return found


def end_everyone_else() -> None:
    """End all processes that this one may signal: those of its pid namespace, or of its user."""
    with contextlib.suppress(ProcessLookupError):  # nobody is left
        os.kill(-1, signal.SIGKILL)


def end_descendants(user: int | None) -> None:
    """End all that the kernel started, without namespaces to tell it from the rest of the machine."""
    if user is not None and os.fork() == 0:
        become(user)
        end_everyone_else()  # of this throw-away user
        os._exit(0)
    while True:
        for process in descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)  # an orphan appears among our children: look again until there is nobody
        except ChildProcessError:
            return


def _children(process: int) -> list[int]:
    children: list[int] = []
    with contextlib.suppress(OSError):  # it ended while we looked
        for task in os.listdir(f"/proc/{process}/task"):
            children += map(int, _read(f"/proc/{process}/task/{task}/children").split())
    return children


def _read(path: str) -> str:
    return Path(path).read_text()


def _used(folder: str) -> int:
    status = os.statvfs(folder)
    return (status.f_blocks - status.f_bfree) * status.f_frsize


def _size(folder: str) -> int:
    """Return the bytes that lie in a tree; one too deep to be walked counts as endless."""
    total, places = 0, [folder]
    while places:
        place = places.pop()
        if len(place) > _LONGEST_PATH:
            return 1 << 62
        with contextlib.suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):  # it was removed while we looked
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        places.append(entry.path)
    return total


def _fields(path: str, names: tuple[str, ...]) -> int:
    """Sum fields of a ``/proc`` file that are given in kB; 0 for a process that has ended or hides."""
    try:
        lines = _read(path).splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(names))


def _resident(process: int) -> int:
    return _fields(f"/proc/{process}/status", ("RssAnon:", "RssShmem:", "VmPTE:"))


def _proportional(process: int) -> int:
    """Count a page that several processes share once; where a process hides its pages, count them all."""
    shared_once = _fields(f"/proc/{process}/smaps_rollup", ("Pss_Anon:",))
    return shared_once + _fields(f"/proc/{process}/status", ("VmPTE:",)) if shared_once else _resident(process)


def _cpu_seconds(process: int) -> float:
    try:
        fields = _read(f"/proc/{process}/stat").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # its own and that of the children it waited for


def _oom_kills() -> int:
    lines = _read("/proc/vmstat").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
