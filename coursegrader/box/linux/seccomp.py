"""Which system calls are refused inside a box?

A deny-list in classic BPF, assembled here and installed with ``prctl``.
``pyseccomp`` would write it more briefly, but it needs the system library ``libseccomp``, which pip does not bring.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable

from coursegrader.box.linux import syscalls

# name -> number on (x86_64, aarch64)
REFUSED = {
    # reaching into other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272), "perf_event_open": (298, 241),
    # leaving or rebuilding the box
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "fanotify_init": (300, 262),
    # parts of the kernel with a history
    "bpf": (321, 280), "userfaultfd": (323, 282), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "vmsplice": (278, 75), "lookup_dcookie": (212, 18), "personality": (135, 92),
    # the machine
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "syslog": (103, 116), "acct": (163, 89), "quotactl": (179, 60), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "adjtimex": (159, 171),
    # memory that neither a limit nor the watchdog counts
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186),
    "semget": (64, 190), "mq_open": (240, 180),
    # the other processors: a box has one, so that nobody else waits for its processes
    "sched_setaffinity": (203, 122),
}  # fmt: skip
_CONNECT, _SOCKETPAIR, _SOCKET, _CLONE, _CLONE3, _MMAP = (
    (42, 203), (53, 199), (41, 198), (56, 220), (435, 435), (9, 222)
)  # fmt: skip
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND, _FOURTH = 0, 4, 16, 24, 40  # offsets in struct seccomp_data (low words)
_X32_BIT = 0x40000000
_NAMESPACE_FLAGS = 0x7E020000
_AF_UNIX = 1
_STREAM, _SEQPACKET, _KIND_OF_SOCKET = 1, 5, 0xF  # the last without SOCK_NONBLOCK and SOCK_CLOEXEC
_SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS


def supported() -> bool:
    """Say whether the filter knows this machine's system-call numbers."""
    return platform.machine() in _ARCHITECTURES


def program(refused: Iterable[str] = REFUSED, *, pairs_only: bool = False) -> bytes:
    """Assemble the filter: the named calls fail with EPERM, a few others by their arguments, the rest is allowed.

    Args:
        refused: Names of the calls.
        pairs_only: Whether no sockets can be made but connected pairs, and none of these that could send elsewhere:
            for boxes that see the machine's file tree, because Landlock lets sockets by path be connected to.
    """
    architecture, column = _ARCHITECTURES[platform.machine()]
    code: list[bytes] = []

    def op(instruction: int, value: int, if_true: int = 0, if_false: int = 0) -> None:
        code.append(struct.pack("HBBI", instruction, if_true, if_false, value))

    op(_LOAD, _ARCHITECTURE)
    op(_EQUAL, architecture, 1, 0)
    op(_RETURN, _KILL)
    op(_LOAD, _NUMBER)
    if column == 0:
        op(_AT_LEAST, _X32_BIT, 0, 1)
        op(_RETURN, _KILL)
    for number in sorted(REFUSED[name][column] for name in refused):
        op(_EQUAL, number, 0, 1)
        op(_RETURN, _FAIL | errno.EPERM)
    op(_EQUAL, _CLONE3[column], 0, 1)  # its flags lie in memory a filter cannot read; glibc falls back to clone
    op(_RETURN, _FAIL | errno.ENOSYS)
    op(_EQUAL, _CLONE[column], 0, 4)
    op(_LOAD, _FIRST)
    op(_ANY_BIT, _NAMESPACE_FLAGS, 0, 1)
    op(_RETURN, _FAIL | errno.EPERM)
    op(_RETURN, _ALLOW)
    if pairs_only:
        op(_EQUAL, _CONNECT[column], 0, 1)
        op(_RETURN, _FAIL | errno.EPERM)
        op(_EQUAL, _SOCKET[column], 0, 1)
        op(_RETURN, _FAIL | errno.EAFNOSUPPORT)
        op(_EQUAL, _SOCKETPAIR[column], 0, 6)
        op(_LOAD, _SECOND)
        op(_AND, _KIND_OF_SOCKET)
        op(_EQUAL, _STREAM, 2, 0)
        op(_EQUAL, _SEQPACKET, 1, 0)
        op(_RETURN, _FAIL | errno.EPERM)  # one end of a pair of datagram sockets can send to any path
        op(_RETURN, _ALLOW)
    op(_EQUAL, _SOCKET[column], 0, 4)
    op(_LOAD, _FIRST)
    op(_EQUAL, _AF_UNIX, 1, 0)
    op(_RETURN, _FAIL | errno.EAFNOSUPPORT)
    op(_RETURN, _ALLOW)
    op(_EQUAL, _MMAP[column], 0, 5)
    op(_LOAD, _FOURTH)
    op(_AND, _SHARED_ANONYMOUS)
    op(_EQUAL, _SHARED_ANONYMOUS, 0, 1)  # stays allocated after madvise(MADV_DONTNEED), when no process counts it
    op(_RETURN, _FAIL | errno.EPERM)
    op(_RETURN, _ALLOW)
    op(_RETURN, _ALLOW)
    return b"".join(code)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install(code: bytes) -> None:
    """Apply an assembled filter to this thread and to everything it starts, for good."""
    syscalls.prctl(syscalls.NO_NEW_PRIVILEGES, 1)
    prepared = _Program(len(code) // 8, code)
    syscalls.prctl(syscalls.SECCOMP, 2, ctypes.byref(prepared))
