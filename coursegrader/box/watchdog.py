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
from typing import Any

from coursegrader.box.lockup import Limits, become
from coursegrader.box.tree import MAX_FILES
from coursegrader.box.usage.clock import Account, Meter
from coursegrader.box.usage.memory import Footprint, State
from coursegrader.box.usage.processes import (
    Seen,
    descendants,
    look,
    measure_tree,
    out_of_memory_kills,
    proportional,
    read,
    used,
)

INTERRUPT = b"i"
PERIOD = 0.05  # seconds
USUAL_SOCKETS = 100  # a kernel has about twenty
SOCKET_BYTES = 2 * 212_992  # the largest buffer that a process may ask for, with the kernel's own share
_MB = 1 << 20
_DISK_SHARE = 5  # times as long as it takes to measure a tree before it is measured again


class Watchdog:
    """Guards one kernel until it ends, then leaves nobody behind.

    Args:
        kernel: Process id of the kernel, a child of this process.
        life_line: Socket to the grader; its end means the box's end.
        limits: What the box may use.
        others: Lists all processes of the box.
        end_all: Kills all processes of the box, this one excepted.
        meter: Where to write what the box has taken of its time.
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
        meter: Meter,
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
        self.meter = meter
        self.status: int | None = None
        self.peak = 0
        self.ooms = out_of_memory_kills()
        self.account = Account()
        self.footprint = Footprint(limits.memory_mb * _MB)
        self.looked = time.monotonic()
        self.disk_due = 0.0

    def run(self) -> None:
        """Guard the kernel; return when nobody is left, having said how it ended."""
        verdict = self._wait()
        self.end_all()
        self._reap(wait=True)
        code = -signal.SIGKILL if self.status is None else os.waitstatus_to_exitcode(self.status)
        self._say({"exit": code, "verdict": verdict or self._verdict(code), "peak_mb": self.peak // _MB})

    def _wait(self) -> str | None:
        """Return when the box has to end, with the limit that was passed, if it was one."""
        watched = select.poll()
        handle = os.pidfd_open(self.kernel)
        watched.register(handle, select.POLLIN)
        watched.register(self.life_line, select.POLLIN)
        pause = 0.0
        while True:
            left = max(0.0, self.looked + pause - time.monotonic())
            ready = {descriptor for descriptor, _ in watched.poll(left * 1000)}
            self._reap()
            if self.status is not None or handle in ready:
                self._reap()
                return None
            if self.life_line.fileno() in ready and not self._obey():
                return "ended"
            if time.monotonic() >= self.looked + pause:  # a flood of commands must not make us measure more
                verdict = self._measure()
                if verdict:
                    return verdict
                pause = min(PERIOD, self.footprint.next_look)

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
        seen = {process: found for process in self.others() if (found := look(process))}
        self._count(seen)
        files = sum(map(used, self.folders)) + self._socket_buffers()
        state = self.footprint.look({(n, found.started): found.pages for n, found in seen.items()}, files)
        self.peak = max(self.peak, self.footprint.at_most)
        if state is State.UNSURE:
            state = self._look_closer(seen)
        if state is State.ABOVE:
            return "memory_limit"
        if self.account.cpu > self.limits.cpu_seconds:
            return "cpu_limit"
        return "disk_limit" if self.scratch and self._is_full(self.scratch) else None

    def _count(self, seen: dict[int, Seen]) -> None:
        """Charge what was taken since the last look; if that is long ago, the machine kept us from looking."""
        import resource  # Windows has none

        now = time.monotonic()
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        processes = {(process, found.started): found.time for process, found in seen.items()}
        self.account.take(processes, ended.ru_utime + ended.ru_stime, min(now - self.looked, 2 * PERIOD))
        self.meter.write(self.account.cpu, self.account.idle)
        self.looked = now

    def _look_closer(self, seen: dict[int, Seen]) -> State:
        """Count pages that are shared after a fork once, while nobody takes more."""
        self._signal(seen, signal.SIGSTOP)
        found = 0
        for process in seen:
            found += proportional(process)
            if found + self.footprint.files > self.footprint.limit:
                break  # they are to be ended, which need not wait for the rest
        self._signal(seen, signal.SIGCONT)
        return self.footprint.settle(found)

    def _signal(self, processes: Iterable[int], number: int) -> None:
        for process in processes:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, number)

    def _is_full(self, scratch: str) -> bool:
        """Say whether there is too much on the disk, or too many files; seldom, if it takes long to see."""
        began = time.monotonic()
        if began < self.disk_due:
            return False
        tree = measure_tree(scratch, MAX_FILES)
        ended = time.monotonic()
        self.disk_due = ended + _DISK_SHARE * (ended - began)
        return tree.size > self.limits.disk_mb * _MB or tree.number > MAX_FILES

    def _socket_buffers(self) -> int:
        """Return what the box's sockets may hold at most, if there are more of them than honest code has."""
        if self.sockets is None:
            return 0
        number = read(self.sockets).count("\n")
        return number * SOCKET_BYTES if number > USUAL_SOCKETS else 0

    def _verdict(self, code: int) -> str:
        if code >= 0:
            return f"kernel_died:exit {code}"
        if code == -signal.SIGXCPU:
            return "cpu_limit"
        if code == -signal.SIGKILL and out_of_memory_kills() > self.ooms:
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
