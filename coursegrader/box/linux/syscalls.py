"""Which Linux calls does the box need that Python has no name for?

Thin wrappers over libc: each raises :class:`OSError` with the call's name instead of returning -1.
"""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Any

# unshare(2)
NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_USER = 0x20000, 0x4000000, 0x8000000, 0x10000000
NEW_PIDS, NEW_NET = 0x20000000, 0x40000000
# mount(2)
READ_ONLY, NO_SETUID, NO_DEVICES, NO_EXEC, REMOUNT, BIND = 1, 2, 4, 8, 32, 4096
RECURSIVE, PRIVATE = 1 << 14, 1 << 18
# umount2(2)
DETACH = 2
# prctl(2)
PARENT_DEATH_SIGNAL, DUMPABLE, BOUNDING_SET_DROP, SUBREAPER = 1, 4, 24, 36
SECCOMP, NO_NEW_PRIVILEGES, AMBIENT = 22, 38, 47
AMBIENT_CLEAR_ALL = 4

_MOUNT_SETATTR = 442  # the same number on every architecture
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_CAPABILITY_VERSION_3 = 0x20080522

libc: Any = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None


def call(name: str, *arguments: Any) -> int:
    """Call a function of libc that returns -1 on failure.

    Raises:
        OSError: The call failed; its text names the call and the path, if there is one.
    """
    prepared = [item.encode() if isinstance(item, str) else item for item in arguments]
    result = getattr(libc, name)(*prepared)
    if result < 0:
        number = ctypes.get_errno()
        subject = next((item for item in reversed(arguments) if isinstance(item, str)), "")
        raise OSError(number, f"{name} {subject}: {os.strerror(number)}")
    return int(result)


def prctl(option: int, value: Any = 0, third: Any = 0) -> None:
    """Change an attribute of the calling process."""
    call("prctl", option, ctypes.c_ulong(value) if isinstance(value, int) else value, third, 0, 0)


def unshare(flags: int) -> None:
    """Move the calling process into new namespaces."""
    call("unshare", flags)


def mount(source: str | None, target: str, kind: str | None = None, flags: int = 0, options: str | None = None) -> None:
    """Attach a file system or, with :data:`BIND`, a part of the tree."""
    call("mount", source, target, kind, ctypes.c_ulong(flags), options)


def make_read_only(path: str, *, devices: bool = False) -> None:
    """Make the mount at ``path`` and every mount beneath it read-only and free of setuid programs."""
    attributes = READ_ONLY | NO_SETUID | (0 if devices else NO_DEVICES)
    request = struct.pack("QQQQ", attributes, 0, 0, 0)
    code = libc.syscall(_MOUNT_SETATTR, _AT_FDCWD, path.encode(), _AT_RECURSIVE, request, ctypes.c_size_t(len(request)))
    if code:
        number = ctypes.get_errno()
        raise OSError(number, f"mount_setattr {path}: {os.strerror(number)}")


def change_root(path: str) -> None:
    """Make ``path``, a mount point, the root of this mount namespace and let go of the old root."""
    os.chdir(path)
    call("pivot_root", ".", ".")  # stacks the old root on top of the new one, see pivot_root(2)
    call("umount2", ".", DETACH)
    os.chdir("/")


def drop_capabilities() -> None:
    """Give up every capability, for this process and for every program it may ever run."""
    capability = 0
    while not libc.prctl(BOUNDING_SET_DROP, ctypes.c_ulong(capability), 0, 0, 0):
        capability += 1  # ends at the first number the kernel does not know (EINVAL) or that we may not drop (EPERM)
    prctl(AMBIENT, AMBIENT_CLEAR_ALL)
    call("capset", struct.pack("Ii", _CAPABILITY_VERSION_3, 0), bytes(24))
