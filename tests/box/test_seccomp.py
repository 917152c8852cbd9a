"""The filter of system calls: what is refused, and that ordinary work goes on."""

from __future__ import annotations

import platform
import struct
import subprocess
import sys

import pytest

from coursegrader.box.linux import seccomp

PREAMBLE = """
import ctypes, errno, mmap, os, socket, subprocess, threading
from coursegrader.box.linux import seccomp
seccomp.install(seccomp.program())
libc = ctypes.CDLL(None, use_errno=True)
def refused(number):
    ctypes.set_errno(0)
    code = libc.syscall(number, 0, 0, 0, 0, 0, 0)
    return code == -1 and errno.errorcode[ctypes.get_errno()]
"""


def inside(code: str) -> str:
    """Run code in a process of its own, under the filter."""
    done = subprocess.run([sys.executable, "-c", PREAMBLE + code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("name", seccomp.REFUSED)
def test_a_refused_call_fails_without_harm(name: str) -> None:
    column = 0 if platform.machine() == "x86_64" else 1
    assert inside(f"print(refused({seccomp.REFUSED[name][column]}))") == "EPERM"


def test_only_local_sockets_can_be_made() -> None:
    code = """
socket.socketpair()[0].close(); socket.socket(socket.AF_UNIX).close()
for family in (2, 10, 16, 17, 40):
    try:
        print(socket.socket(family))
    except OSError as error:
        print(errno.errorcode[error.errno])
"""
    assert set(inside(code).split()) == {"EAFNOSUPPORT"}


def test_memory_that_outlives_its_mapping_is_refused_and_other_mappings_are_not() -> None:
    code = """
mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
with open("/proc/self/exe", "rb") as file:
    mmap.mmap(file.fileno(), 4096, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ).close()
try:
    mmap.mmap(-1, 4096)
except PermissionError:
    print("refused")
"""
    assert inside(code) == "refused"


def test_threads_and_processes_still_work_but_new_namespaces_do_not() -> None:
    code = """
thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
print(subprocess.run(["echo", "process"], capture_output=True, text=True).stdout.strip())
print(libc.clone(None, None, 0x10000000, None), libc.syscall(56 if os.uname().machine == "x86_64" else 220, 0x10000011, 0, 0, 0, 0))
"""
    assert inside(code) == "thread\nprocess\n-1 -1"


def test_a_filter_is_a_sequence_of_whole_instructions_whose_jumps_stay_inside() -> None:
    code = seccomp.program()
    assert len(code) % 8 == 0
    instructions = list(struct.iter_unpack("HBBI", code))
    for place, (kind, if_true, if_false, _) in enumerate(instructions):
        if kind & 7 == 5:  # a jump
            assert place + 1 + max(if_true, if_false) < len(instructions)


PAIRS = """
import contextlib, tempfile
path = tempfile.mkdtemp() + "/door"
kinds = {"stream": socket.SOCK_STREAM, "datagram": socket.SOCK_DGRAM, "raw": socket.SOCK_RAW, "packets": socket.SOCK_SEQPACKET}
outside = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
outside.bind(path)
outside.setblocking(False)
early = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
seccomp.install(seccomp.program(pairs_only=True))

def attempt(call):
    try:
        return call() and "done"
    except OSError as error:
        return errno.errorcode[error.errno]

"""


def test_where_only_pairs_are_allowed_no_other_socket_can_be_made_or_connected() -> None:
    code = """
print(*(attempt(lambda: socket.socket(socket.AF_UNIX, kind | socket.SOCK_CLOEXEC)) for kind in kinds.values()))
print(attempt(lambda: early.connect(path)))
"""
    assert inside(PAIRS + code).split() == ["EAFNOSUPPORT"] * 4 + ["EPERM"]


def test_where_only_pairs_are_allowed_none_of_them_sends_elsewhere() -> None:
    code = """
for kind in kinds.values():
    for flags in (0, socket.SOCK_NONBLOCK):
        with contextlib.suppress(OSError):
            ours, theirs = socket.socketpair(socket.AF_UNIX, kind | flags)
            attempt(lambda: ours.sendto(b"x", path))
            attempt(lambda: ours.sendmsg([b"x"], [], 0, path))
print(attempt(lambda: outside.recv(1)))
ours, theirs = socket.socketpair()
print(attempt(lambda: ours.send(b"x")))
"""
    assert inside(PAIRS + code).split() == ["EAGAIN", "done"]
    assert inside(PAIRS.replace("pairs_only=True", "") + code).split() == ["done", "done"]  # the attempts are real


def test_where_only_pairs_are_allowed_asyncio_and_multiprocessing_work() -> None:
    code = """
import asyncio, multiprocessing
async def ask():
    process = await asyncio.create_subprocess_exec("echo", "asyncio", stdout=-1)
    return (await process.communicate())[0].decode().strip()
print(asyncio.run(ask()))
ours, theirs = multiprocessing.Pipe()
child = multiprocessing.get_context("fork").Process(target=theirs.send, args=("multiprocessing",))
child.start()
print(ours.recv())
child.join()
"""
    assert inside(PAIRS + code).split() == ["asyncio", "multiprocessing"]


def test_libraries_survive_that_a_box_keeps_to_its_processor() -> None:
    code = """
import numpy, torch
before = os.sched_getaffinity(0)
torch.set_num_threads(3)
print(int((numpy.ones((300, 300)) @ numpy.ones((300, 300)))[0, 0]), int((torch.ones(300, 300) @ torch.ones(300, 300))[0, 0]))
try:
    os.sched_setaffinity(0, before)
except PermissionError:
    print(before == os.sched_getaffinity(0))
"""
    assert inside(code).split() == ["300", "300", "True"]
