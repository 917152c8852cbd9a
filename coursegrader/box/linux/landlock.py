"""Which files may a locked-up process open?

Landlock, the kernel's own unprivileged access control, through ctypes.
The package ``landlock`` on PyPI is an alpha release that knows files only: it can deny neither TCP nor signals
and abstract sockets across the border of the box, which is what the weaker rungs of the ladder need.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from coursegrader.box.linux import syscalls

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIRECTORY = 1, 2, 4, 8
_READ = _EXECUTE | _READ_FILE | _READ_DIRECTORY
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | 1 << 15  # ... | TRUNCATE | IOCTL_DEV
_KNOWN_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # number of file-system rights by version of the interface
_BIND_AND_CONNECT = 3
_ABSTRACT_SOCKETS_AND_SIGNALS = 3
NETWORK_VERSION, SCOPE_VERSION = 4, 6


def version() -> int:
    """Return the version of the kernel's Landlock interface, 0 if there is none."""
    return max(0, int(syscalls.libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)))


def restrict(read: Iterable[str], write: Iterable[str]) -> None:
    """Confine this thread and everything it starts to the given trees, for good.

    Args:
        read: Paths whose content may be read and executed; those that do not exist are left out.
        write: Paths beneath which everything is allowed.

    Raises:
        OSError: The kernel has no Landlock, or refuses.
    """
    known = version()
    rights = (1 << _KNOWN_RIGHTS[min(known, 5)]) - 1 if known else 0
    network = _BIND_AND_CONNECT if known >= NETWORK_VERSION else 0
    scope = _ABSTRACT_SOCKETS_AND_SIGNALS if known >= SCOPE_VERSION else 0
    size = 24 if known >= SCOPE_VERSION else 16 if known >= NETWORK_VERSION else 8
    attributes = struct.pack("QQQ", rights, network, scope)[:size]
    ruleset = syscalls.call("syscall", _CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    for path in read:
        _allow(ruleset, path, _READ & rights)
    for path in write:
        _allow(ruleset, path, rights)
    syscalls.prctl(syscalls.NO_NEW_PRIVILEGES, 1)
    syscalls.call("syscall", _RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # what does not exist on this machine needs no permission
    try:
        if not stat.S_ISDIR(os.fstat(target).st_mode):
            rights &= _FILE_RIGHTS
        syscalls.call("syscall", _ADD_RULE, ruleset, 1, struct.pack("=Qi", rights, target), 0)
    finally:
        os.close(target)
