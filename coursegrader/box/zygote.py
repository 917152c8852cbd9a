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
import gc
import json
import os
import select
import signal
import socket
import traceback
from dataclasses import replace
from typing import Any, NoReturn

from coursegrader.box import lockup, warmth
from coursegrader.box import tree as boxtree
from coursegrader.box.linux import syscalls
from coursegrader.box.lockup import METER, STREAM, Limits, Order
from coursegrader.box.usage.clock import Meter
from coursegrader.box.usage.processes import descendants, processes_here
from coursegrader.box.watchdog import Watchdog, end_descendants, end_everyone_else

NAMESPACES, UID, LANDLOCK, EXTERNAL = 1, 2, 3, 4
MAX_DESCRIPTORS = 3  # of a box: the life line, the meter and the stream
ORDER_LENGTH_BYTES = 4


def main(control: socket.socket, settings: dict[str, Any]) -> None:
    """Import what is wanted and fork a kernel for every order, until the grader lets go.

    Args:
        control: Sequenced-packet socket on which orders arrive.
        settings: ``rung``, ``folder`` (of this zygote on the host), ``preload`` (names of modules) and ``fonts``
            (matplotlib's cache).
    """
    try:
        if settings["rung"] == NAMESPACES:
            _enter_namespaces(control, f"{settings['folder']}/tree")
        os.environ["MPLCONFIGDIR"] = settings["fonts"]  # set here and not for exec: kernels can read what was set there
        warmth.warm_up(settings["preload"])
        _serve(control, settings["rung"])
    except Exception:
        _tell(control, {"error": traceback.format_exc()})
        os._exit(1)
    _end_boxes(settings["rung"])
    _clear(settings["folder"])
    os._exit(0)


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
                warmth.bring(json.loads(knock)["import"])


def _fork_box(descriptors: list[int], rung: int) -> None:
    """Fork a box; a machine that cannot fork just now costs this box, not those that run."""
    try:
        if _fork(rung) == 0:
            _start_box(descriptors, rung)
    except OSError as error:
        os.write(descriptors[0], json.dumps({"error": f"{error}"}).encode() + b"\n")
    for descriptor in descriptors:
        os.close(descriptor)


def _fork(rung: int) -> int:
    """Fork; the child is the first process of a new pid namespace where boxes have namespaces.

    The other way, a child that makes the namespace and forks again, would copy our page tables once more.
    """
    if rung != NAMESPACES:
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


def _start_box(descriptors: list[int], rung: int) -> NoReturn:
    """Turn this fresh fork into a box; whatever goes wrong is told to the grader and ends it."""
    life_line = lockup.keep_only(descriptors)
    try:
        os.setsid()
        os.umask(0o022)
        lockup.forget_signals()
        order = _read_order(life_line)
        if rung == NAMESPACES:
            _box_with_namespaces(order, life_line)
        else:
            _box_without_namespaces(order, life_line, rung)
        os._exit(0)
    except BaseException:
        _tell(life_line, {"error": traceback.format_exc()})
        os._exit(70)


def _read_order(life_line: socket.socket) -> Order:
    """Read what the box is to be: here, so that no later fork finds another student's order in its memory."""
    length = int.from_bytes(life_line.recv(ORDER_LENGTH_BYTES, socket.MSG_WAITALL), "big")
    fields = json.loads(life_line.recv(length, socket.MSG_WAITALL))
    return Order(**{**fields, "limits": Limits(**fields["limits"])})


def _box_with_namespaces(order: Order, life_line: socket.socket) -> None:
    syscalls.unshare(syscalls.NEW_MOUNTS | syscalls.NEW_NET | syscalls.NEW_IPC | syscalls.NEW_UTS)
    syscalls.call("sethostname", b"box", 3)
    owner = os.geteuid() if order.user is None else order.user
    tree = f"{os.path.dirname(order.folder)}/tree"
    boxtree.enter(tree, order.limits.disk_mb, order.files, order.hidden, (owner, owner if order.user else os.getegid()))
    lockup.student_inside(order.user)
    syscalls.prctl(syscalls.DUMPABLE, 0)  # the watchdog's memory and descriptors are nobody's business
    lockup.confine(order.limits, *lockup.paths_in_namespaces())
    kernel = os.fork()
    if kernel == 0:
        lockup.keep_to(order.core)
        lockup.refuse_calls()
        _become_kernel(order, life_line, boxtree.HOME, "/tmp")
    lockup.refuse_calls()  # but not bound to the processor that it watches
    watchdog = Watchdog(
        kernel,
        life_line,
        order.limits,
        meter=_take_meter(),
        others=processes_here,
        end_all=end_everyone_else,
        folders=[boxtree.HOME, "/dev/shm"],
        sockets="/proc/net/unix",
    )
    watchdog.run()


def _box_without_namespaces(order: Order, life_line: socket.socket, rung: int) -> None:
    """Build a box that sees the machine's own processes and files, and is kept from touching them."""
    syscalls.prctl(syscalls.SUBREAPER, 1)  # what the kernel leaves behind becomes our child
    syscalls.prctl(syscalls.DUMPABLE, 0)
    signal.signal(signal.SIGTERM, _stop)
    syscalls.prctl(syscalls.PARENT_DEATH_SIGNAL, signal.SIGTERM)
    scratch = boxtree.make_scratch(order.folder, order.files, order.hidden, order.user)
    kernel = os.fork()
    if kernel == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        limits = order.limits
        if order.user is not None:
            lockup.become(order.user)
        else:
            limits = replace(limits, processes=limits.processes + lockup.threads_of(os.getuid()))
        syscalls.prctl(syscalls.PARENT_DEATH_SIGNAL, signal.SIGKILL)
        lockup.keep_to(order.core)
        if rung == EXTERNAL:
            lockup.set_limits(limits)
        else:
            lockup.confine(limits, *lockup.paths_without_namespaces(scratch))
            lockup.refuse_calls(pairs_only=True)
        _become_kernel(order, life_line, f"{scratch}/home", f"{scratch}/home/tmp")
    watchdog = Watchdog(
        kernel,
        life_line,
        order.limits,
        meter=_take_meter(),
        others=lambda: descendants(os.getpid()),
        end_all=lambda: end_descendants(order.user),
        scratch=scratch,
    )
    try:
        watchdog.run()
    except InterruptedError:  # the zygote has ended
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        end_descendants(order.user)
    boxtree.remove(scratch)


def _stop(*_: object) -> NoReturn:
    raise InterruptedError


def _take_meter() -> Meter:
    """Map the page that the kernel, forked before, has no part in; the stream is the kernel's."""
    meter = Meter(METER)
    meter.close_descriptor()
    os.close(STREAM)
    return meter


def _become_kernel(order: Order, life_line: socket.socket, home: str, temporary: str) -> NoReturn:
    """Run the kernel, the only student code of a box."""
    os.close(METER)
    syscalls.prctl(syscalls.DUMPABLE, 1)  # one's own /proc/self is readable again
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(lockup.environment(home, temporary), **order.variables)
    os.chdir(f"{home}/work")
    gc.enable()
    if order.trial is not None:
        _tell(life_line, {"ready": True, "leaks": lockup.leaks(order.folder, order.trial)})
        os._exit(0)
    from coursegrader.box.inside import loop  # imported warm; here, because a trial of the box goes without

    kernel = loop.prepare(STREAM)
    _tell(life_line, {"ready": True})
    life_line.close()
    kernel.serve()


def _tell(grader: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # nobody listens any more
        grader.sendall(json.dumps(message).encode() + b"\n")


def _end_boxes(rung: int) -> None:
    if rung == NAMESPACES:
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
