"""Locking up: each step on its own, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from coursegrader.box import lockup


def inside(code: str) -> list[str]:
    """Run code in a process of its own and return the words it prints."""
    preamble = "import os, resource\nfrom coursegrader.box import lockup\nfrom coursegrader.box.linux import syscalls\n"
    done = subprocess.run([sys.executable, "-c", preamble + code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_limits_are_the_kernel_s_and_cannot_be_raised() -> None:
    code = """
syscalls.drop_capabilities()
lockup.set_limits(lockup.Limits(data_mb=700, file_mb=3, open_files=50))
print(*(resource.getrlimit(kind)[1] >> 20 for kind in (resource.RLIMIT_DATA, resource.RLIMIT_FSIZE)))
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], resource.getrlimit(resource.RLIMIT_CORE)[0])
try:
    resource.setrlimit(resource.RLIMIT_DATA, (900 << 20, 900 << 20))
except ValueError:
    print("refused")
"""
    assert inside(code) == ["700", "3", "50", "0", "refused"]


def test_a_limit_of_the_machine_that_is_lower_stays() -> None:
    code = """
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))
lockup.set_limits(lockup.Limits(file_mb=3, open_files=50))
print(*resource.getrlimit(resource.RLIMIT_NOFILE), *(size >> 20 for size in resource.getrlimit(resource.RLIMIT_FSIZE)))
"""
    assert inside(code) == ["40", "40", "2", "2"]


def test_who_is_confined_has_no_capability() -> None:
    code = """
lockup.confine(lockup.Limits(), ["/"], [])
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapPrm", "CapEff", "CapInh", "CapAmb"))))
"""
    assert [int(word, 16) for word in inside(code)] == [0, 0, 0, 0]


def test_all_capabilities_are_gone() -> None:
    code = """
syscalls.drop_capabilities()
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapPrm", "CapEff", "CapInh", "CapAmb"))))
if os.geteuid() == 0:
    print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("CapBnd")))
"""
    assert {int(word, 16) for word in inside(code)} == {0}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_throw_away_user_has_no_way_back() -> None:
    code = """
os.setgroups([0, 4242])
lockup.become(1234567)
print(os.getuid(), os.geteuid(), os.getgid(), os.getgroups())
try:
    os.setuid(0)
except PermissionError:
    print("refused")
"""
    assert inside(code) == ["1234567", "1234567", "1234567", "[]", "refused"]


def test_an_unlocked_process_leaks() -> None:
    code = """
import tempfile
from coursegrader.box import isolation
with tempfile.TemporaryDirectory() as folder, isolation._doors(folder):
    print(*lockup.leaks(folder, os.getpid()), sep=", ")
"""
    found = " ".join(inside(code))
    leaks = ["reads a folder", "writes to a folder", "reads the grader's environment", "sends signals"]
    sockets = ["opens network sockets", "connects to sockets by path", "connects to abstract sockets"]
    for leak in [*leaks, *sockets, "sends to sockets by path", "sends to abstract sockets", "leaves its processor"]:
        assert leak in found
    assert ("runs as root" in found) == (os.geteuid() == 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_threads_of_a_user_are_counted() -> None:
    nobody_else = 1_234_568
    assert lockup.threads_of(nobody_else) == 0
    with subprocess.Popen(["/usr/bin/sleep", "60"], user=nobody_else, cwd="/") as sleeper:
        assert lockup.threads_of(nobody_else) == 1
        sleeper.kill()
