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
