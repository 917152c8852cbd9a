"""What does a fresh fork become: a box, with a watchdog and a kernel in it?"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import traceback
from dataclasses import replace
from typing import Any, NoReturn

from coursegrader.box import lockup
from coursegrader.box import tree as boxtree
from coursegrader.box.linux import syscalls
from coursegrader.box.lockup import METER, STREAM, Limits, Order, Rung
from coursegrader.box.usage.clock import Meter
from coursegrader.box.usage.processes import descendants, processes_here
from coursegrader.box.watchdog import Watchdog, end_descendants, end_everyone_else

ORDER_LENGTH_BYTES = 4


def start_box(descriptors: list[int], rung: int) -> NoReturn:
    """Turn this fresh fork into a box; whatever goes wrong is told to the grader and ends it."""
    life_line = lockup.keep_only(descriptors)
    try:
        os.setsid()
        os.umask(0o022)
        lockup.forget_signals()
        order = _read_order(life_line)
        if rung == Rung.NAMESPACES:
            _box_with_namespaces(order, life_line)
        else:
            _box_without_namespaces(order, life_line, rung)
        os._exit(0)
    except BaseException:
        tell(life_line, {"error": traceback.format_exc()})
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
        if rung == Rung.EXTERNAL:
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
    for alarm in (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF):  # else it ends whichever cell runs when it rings
        signal.signal(alarm, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(lockup.environment(home, temporary), **order.variables)
    os.chdir(f"{home}/work")
    gc.enable()
    if order.trial is not None:
        tell(life_line, {"ready": True, "leaks": lockup.leaks(order.folder, order.trial)})
        os._exit(0)
    from coursegrader.box.inside import loop  # imported warm; here, because a trial of the box goes without

    kernel = loop.prepare(STREAM)
    tell(life_line, {"ready": True})
    life_line.close()
    kernel.serve()


def tell(grader: socket.socket, message: dict[str, Any]) -> None:
    """Say something to the grader, on the line or socket that it holds the other end of."""
    with contextlib.suppress(OSError):  # nobody listens any more
        grader.sendall(json.dumps(message).encode() + b"\n")
