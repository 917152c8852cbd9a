"""How does one warm process become many kernels?

The process that imports the heavy libraries once and is then forked for each kernel, see :func:`main`.
It has a clean environment, no secrets, no threads and, where possible, its own namespaces::

    grader ── outer (waits) ── zygote (pid 1 of its namespace; imports, forks)
                                  ├── watchdog (pid 1 of a box's namespaces) ── kernel and what it starts
                                  └── watchdog ── ...

The grader holds one end of a socket pair for the zygote and one per box; the end of either means the end of all
that is behind it, however the grader ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import traceback
from collections.abc import Iterator
from typing import Any, NoReturn

from coursegrader.box import lockup, warmth
from coursegrader.box import tree as boxtree
from coursegrader.box.building import start_box, tell
from coursegrader.box.linux import syscalls
from coursegrader.box.lockup import Rung
from coursegrader.box.usage.processes import descendants
from coursegrader.box.watchdog import end_everyone_else

MAX_DESCRIPTORS = 3  # of a box: the life line, the meter and the stream
_LOOK_SECONDS = 0.2


def main(control: socket.socket, settings: dict[str, Any]) -> None:
    """Import what is wanted and fork a kernel for every order, until the grader lets go.

    Args:
        control: Sequenced-packet socket on which orders arrive.
        settings: ``rung``, ``folder`` (of this zygote on the host), ``preload`` (names of modules) and ``fonts``
            (matplotlib's cache).
    """
    try:
        if settings["rung"] == Rung.NAMESPACES:
            _enter_namespaces(control, f"{settings['folder']}/tree")
        os.environ["MPLCONFIGDIR"] = settings["fonts"]  # set here and not for exec: kernels can read what was set there
        signal.signal(signal.SIGALRM, lambda *_: _leave(settings) if _let_go(control) else None)
        with _looking_up():
            warmth.warm_up(settings["preload"])
        _serve(control, settings["rung"])
    except Exception:
        tell(control, {"error": traceback.format_exc()})
        os._exit(1)
    _leave(settings)


def _leave(settings: dict[str, Any]) -> NoReturn:
    """End with every box and leave nothing behind."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    _end_boxes(settings["rung"])
    _clear(settings["folder"])
    os._exit(0)


@contextlib.contextmanager
def _looking_up() -> Iterator[None]:
    """See now and then whether the grader has let go: what is imported meanwhile may take a minute."""
    signal.setitimer(signal.ITIMER_REAL, _LOOK_SECONDS, _LOOK_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _let_go(control: socket.socket) -> bool:
    """Tell whether the grader has gone, also if it has left orders behind that were not read yet."""
    poll = select.poll()
    poll.register(control, 0)  # an end is told unasked
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def _enter_namespaces(control: socket.socket, tree: str) -> None:
    """Continue as the first process of new namespaces, whose end is the end of every box."""
    if os.geteuid():
        lockup.enter_user_namespace(os.geteuid())
    syscalls.unshare(syscalls.NEW_MOUNTS | syscalls.NEW_PIDS | syscalls.NEW_NET | syscalls.NEW_IPC)
    syscalls.mount(None, "/", None, syscalls.PRIVATE | syscalls.RECURSIVE)
    child = os.fork()
    if child:
        control.close()
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 255)
    syscalls.prctl(syscalls.PARENT_DEATH_SIGNAL, signal.SIGKILL)
    syscalls.mount("proc", "/proc", "proc", syscalls.NO_SETUID | syscalls.NO_DEVICES | syscalls.NO_EXEC)
    boxtree.build(tree)


def _serve(control: socket.socket, rung: int) -> None:
    reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    while True:
        ready = select.select([control.fileno(), reader], [], [])[0]
        if reader in ready:
            os.read(reader, 4096)
            _reap()
        if control.fileno() in ready:
            knock, descriptors, _, _ = socket.recv_fds(control, 1 << 16, MAX_DESCRIPTORS)
            if not knock:
                return
            if descriptors:
                _fork_box(descriptors, rung)
            else:
                with _looking_up():
                    warmth.bring(json.loads(knock)["import"])


def _fork_box(descriptors: list[int], rung: int) -> None:
    """Fork a box; a machine that cannot fork just now costs this box, not those that run."""
    try:
        if _fork(rung) == 0:
            start_box(descriptors, rung)
    except OSError as error:
        os.write(descriptors[0], json.dumps({"error": f"{error}"}).encode() + b"\n")
    for descriptor in descriptors:
        os.close(descriptor)


def _fork(rung: int) -> int:
    """Fork; the child is the first process of a new pid namespace where boxes have namespaces.

    The other way, a child that makes the namespace and forks again, would copy our page tables once more.
    """
    if rung != Rung.NAMESPACES:
        return os.fork()
    child = -1
    with open("/proc/self/ns/pid", "rb") as ours:
        syscalls.unshare(syscalls.NEW_PIDS)  # for children born from now on
        try:
            child = os.fork()
        finally:
            if child:
                syscalls.call("setns", ours.fileno(), syscalls.NEW_PIDS)
    return child


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _end_boxes(rung: int) -> None:
    if rung == Rung.NAMESPACES:
        end_everyone_else()
    else:
        for child in descendants(os.getpid(), generations=1):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)  # a watchdog, which ends its box and then itself
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _clear(folder: str) -> None:
    """Remove what a grader that was killed could not remove; by now no box is left that could be in it."""
    tree = f"{folder}/tree"
    with contextlib.suppress(OSError):
        syscalls.call("umount2", tree, syscalls.DETACH)
    with contextlib.suppress(OSError):  # not a mount point any more, or the grader was faster
        os.rmdir(tree)
    with contextlib.suppress(OSError):
        for name in set(os.listdir(folder)) - {"tree"}:
            boxtree.remove(f"{folder}/{name}")
        os.rmdir(folder)
