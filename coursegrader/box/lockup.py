"""How does a freshly forked process lock itself up, before any student code runs in it?"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import IntEnum
from pathlib import Path

from coursegrader.box.linux import landlock, seccomp, syscalls
from coursegrader.box.tree import DEVICES, HOME, STUDENT, SYSTEM, python_parts

_MB = 1 << 20
LIFE_LINE, METER, STREAM = 100, 101, 102  # descriptors in a box; the last is the one on which the kernel speaks
DOORS = ("stream", "datagram")  # names of sockets, in the grader's folder, that a box on trial must not reach


class Rung(IntEnum):
    """How strongly student code is locked up; the lowest number is the strongest, see ``isolation``."""

    NAMESPACES = 1
    UID = 2
    LANDLOCK = 3
    EXTERNAL = 4
    REFUSE = 5

    def __str__(self) -> str:
        return str(self.value)  # in sentences, on every Python


@dataclass(frozen=True)
class Limits:
    """What one box may use; all of its processes together unless said otherwise."""

    memory_mb: int = 2000  # of all processes and of the files it wrote, watched ten times a second and more
    data_mb: int = 2048  # private memory of one process: more is a MemoryError
    processes: int = 128  # and threads
    file_mb: int = 256  # of one file
    disk_mb: int = 256
    open_files: int = 512  # of one process
    cpu_seconds: int = 1800

    def as_dict(self) -> dict[str, int]:
        """Return the limits as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Order:
    """What the grader wants a new box to be."""

    folder: str  # on the host, made by the grader, for this box alone
    limits: Limits
    variables: dict[str, str]
    files: str | None = None
    hidden: str | None = None
    user: int | None = None  # the throw-away user, where the zygote is root
    core: int | None = None  # the processor that its code keeps to
    trial: int | None = None  # the grader's process, if there is to be no kernel but an attempt to get out


def set_limits(limits: Limits) -> None:
    """Apply what the kernel itself can limit."""
    import resource  # Windows has none, and is told so by `isolation`, which imports this module

    for kind, value in (
        (resource.RLIMIT_DATA, limits.data_mb * _MB),
        (resource.RLIMIT_FSIZE, limits.file_mb * _MB),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 64 << 10),
    ):
        hard = resource.getrlimit(kind)[1]
        lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (lowest, lowest))
    # the soft limit's signal tells this end from others; who ignores it is killed a second later
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))


def keep_to(core: int | None) -> None:
    """Run on one processor from now on; what is started from here does, too."""
    if core is not None:
        with contextlib.suppress(OSError):  # it was taken from this machine meanwhile
            os.sched_setaffinity(0, {core})


def become(user: int) -> None:
    """Turn from root into a user whom nobody else is, without a way back."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def enter_user_namespace(inside: int) -> None:
    """Enter a user namespace of one's own, where one is ``inside`` and the kernel counts one's processes apart."""
    user, group = os.geteuid(), os.getegid()
    syscalls.prctl(syscalls.DUMPABLE, 1)  # otherwise the files below belong to root
    syscalls.unshare(syscalls.NEW_USER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inside} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{inside} {group} 1")


def confine(limits: Limits, read: list[str], write: list[str]) -> None:
    """Give up, for good, capabilities, files and what passes the limits; signals go no further than what forks later.

    Args:
        limits: What the box may use.
        read: What may be read.
        write: What may be written.
    """
    with contextlib.suppress(PermissionError):  # some containers mount /proc read-only; the watchdog still watches
        Path("/proc/self/oom_score_adj").write_text("1000")  # short of memory, the machine ends boxes first
    set_limits(limits)
    syscalls.drop_capabilities()
    landlock.restrict(read, write)


def refuse_calls(*, pairs_only: bool = False) -> None:
    """Give up, for good, the system calls that student code must not have: the last step of locking up.

    Args:
        pairs_only: See :func:`coursegrader.seccomp.program`.
    """
    seccomp.install(seccomp.program(pairs_only=pairs_only))


def paths_in_namespaces() -> tuple[list[str], list[str]]:
    """List what may be read and what may be written in a box with its own file tree."""
    return ["/"], [HOME, "/tmp", "/dev/shm", "/dev/null"]


def paths_without_namespaces(scratch: str) -> tuple[list[str], list[str]]:
    """List what may be read and what may be written in a box that shares the machine's file tree."""
    system = [*SYSTEM, *DEVICES, "/etc/passwd", "/etc/group", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"]
    return [*system, *python_parts(), f"/proc/{os.getpid()}", f"{scratch}/hidden"], [f"{scratch}/home", "/dev/null"]


def student_inside(user: int | None) -> None:
    """Become, in a box with its own namespaces, the one user there is.

    Args:
        user: The throw-away user to become first where the fork server is root; None where it is not.
    """
    if user is not None:
        become(user)
        with contextlib.suppress(OSError):
            # where a machine has switched user namespaces off, the throw-away user already is nobody to anyone
            enter_user_namespace(STUDENT)
    else:
        enter_user_namespace(STUDENT)


def keep_only(descriptors: list[int]) -> socket.socket:
    """Close everything but the given descriptors, which move to fixed numbers, the life line first."""
    for number, descriptor in enumerate(descriptors, start=LIFE_LINE):
        os.dup2(descriptor, number)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    os.closerange(3, LIFE_LINE)
    os.closerange(LIFE_LINE + len(descriptors), 1 << 20)
    return socket.socket(fileno=LIFE_LINE)


def forget_signals() -> None:
    """Leave no handler of ours; the guard of a box ignores what the box may send to it."""
    signal.set_wakeup_fd(-1)
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # as Python itself does: an exception says more
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process of a pid namespace gets what it has a handler for


def environment(home: str, temporary: str) -> dict[str, str]:
    """Return all that a kernel knows of the world: nothing of the grader's environment is in it."""
    return {
        "HOME": home,
        "TMPDIR": temporary,
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "TERM": "xterm-color",
        "CLICOLOR": "1",
        "PAGER": "cat",
    }


def threads_of(user: int) -> int:
    """Count the threads of a user on this machine, which a limit on processes counts together."""
    total = 0
    for process in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):  # it ended while we looked
            if os.stat(f"/proc/{process}").st_uid == user:
                total += len(os.listdir(f"/proc/{process}/task"))
    return total


def leaks(folder: str, grader: int) -> list[str]:
    """Try, from inside a box, what must not be possible there; return what was.

    Args:
        folder: The box's own folder on the host, which students' code has no business in; :data:`DOORS` are there.
        grader: Process id of the grader.
    """
    attempts: dict[str, Callable[[], object]] = {
        "reads a folder of the grader's": lambda: os.listdir(folder),
        "writes to a folder of the grader's": lambda: open(f"{folder}/leak", "x").close(),
        "reads the grader's environment": lambda: Path(f"/proc/{grader}/environ").read_bytes(),
        "sends signals to the grader": lambda: os.kill(grader, 0),
        "opens network sockets": lambda: socket.socket(socket.AF_INET).close(),
        "connects to sockets by path": lambda: socket.socket(socket.AF_UNIX).connect(f"{folder}/{DOORS[0]}"),
        "connects to abstract sockets": lambda: socket.socket(socket.AF_UNIX).connect(f"\0{folder}/{DOORS[0]}"),
        "sends to sockets by path": lambda: _send(f"{folder}/{DOORS[1]}"),
        "sends to abstract sockets": lambda: _send(f"\0{folder}/{DOORS[1]}"),
        "leaves its processor": lambda: os.sched_setaffinity(0, os.sched_getaffinity(0)),
        "makes namespaces of its own": lambda: syscalls.unshare(syscalls.NEW_USER),
    }
    found = ["runs as root"] if os.geteuid() == 0 else []
    for what, attempt in attempts.items():
        with contextlib.suppress(OSError):
            attempt()
            found.append(what)
    return found


def _send(address: str) -> None:
    """Send from one end of a pair, which needs no socket of its own, to somebody else."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        ours.sendto(b"x", address)
