"""Which files exist inside a box?

An allow-list: the system's programs and libraries, a few files of ``/etc``, the Python installation, and small
memory file systems for everything that can be written. What is not on the list does not exist inside.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from coursegrader.box.linux import syscalls
from coursegrader.box.linux.syscalls import BIND, NO_DEVICES, NO_EXEC, NO_SETUID, PRIVATE, READ_ONLY, RECURSIVE, REMOUNT

HOME = "/home/student"
WORK = f"{HOME}/work"
SHARED_MEMORY_MB = 64
MAX_FILES = 20_000

SYSTEM = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib64",
    "/lib32",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/fonts",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/ssl/certs",
    "/sys/devices/system/cpu",
]
DEVICES = ["/dev/null", "/dev/full", "/dev/random", "/dev/urandom"]  # /dev/zero, mapped shared, is uncounted memory
ACCOUNTS = {
    "/etc/passwd": "root:x:0:0:root:/nonexistent:/bin/false\nstudent:x:1000:1000::/home/student:/bin/sh\n",
    "/etc/group": "root:x:0:\nstudent:x:1000:\n",
}
STUDENT = 1000

_PARTS_OF_A_PREFIX = ("bin", "lib", "lib64", "include", "share", "etc", "ssl", "pyvenv.cfg")


def python_parts() -> list[str]:
    """List the files and folders outside ``/usr`` that this Python needs to run.

    Named parts of each prefix, never the prefix itself: a virtual environment may have been made in the course's folder.
    """
    prefixes = {sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix)}
    parts = {f"{prefix}/{name}" for prefix in prefixes for name in _PARTS_OF_A_PREFIX}
    parts |= {path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")}
    wanted = sorted(part for part in parts if os.path.lexists(part) and not part.startswith("/usr/"))
    return [part for part in wanted if not any(part.startswith(f"{other}/") for other in wanted)]


def readable_in(path: str) -> bool:
    """Say whether a path lies in what a box shows of this machine."""
    return any(path == part or path.startswith(f"{part}/") for part in [*SYSTEM, *python_parts()])


def build(root: str) -> None:
    """Lay out, once per fork server and in its own mount namespace, the read-only tree that every box starts from."""
    syscalls.mount("tree", root, "tmpfs", NO_SETUID | NO_DEVICES, "mode=0755,size=1m")
    for folder in ("proc", "tmp", "dev/shm", HOME[1:]):
        os.makedirs(f"{root}/{folder}")
    for path, text in ACCOUNTS.items():
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        Path(root + path).write_text(text)
    for path in [*SYSTEM, *DEVICES, *python_parts()]:
        _show(path, root + path)
    os.symlink("/proc/self/fd", f"{root}/dev/fd")
    _hide_this_package(root)
    syscalls.mount(None, root, None, REMOUNT | BIND | READ_ONLY | NO_SETUID | NO_DEVICES)


def _show(path: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.islink(path):
        os.symlink(os.readlink(path), target)
        return
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    elif os.path.exists(path):
        Path(target).touch()
    else:
        return
    syscalls.mount(path, target, None, BIND | RECURSIVE)
    syscalls.make_read_only(target, devices=path in DEVICES)


def _hide_this_package(root: str) -> None:
    """Cover the grader's code where it is installed into the Python that students' kernels use."""
    package = root + str(Path(__file__).resolve().parents[1])
    if os.path.isdir(package):
        syscalls.mount("none", package, "tmpfs", READ_ONLY | NO_SETUID | NO_DEVICES, "size=4k,mode=0755")


def enter(root: str, disk_mb: int, files: str | None, hidden: str | None, owner: tuple[int, int]) -> None:
    """Make the tree, with private writable folders in it, the root of this (new) mount namespace.

    Args:
        root: Where :func:`build` laid out the tree.
        disk_mb: Size of everything that can be written, in MB.
        files: Folder on the host whose regular files are copied into the working directory.
        hidden: Folder on the host that appears read-only as ``hidden/`` in the working directory.
        owner: User and group that own what can be written.
    """
    syscalls.mount(None, "/", None, PRIVATE | RECURSIVE)
    to_copy = os.open(files, os.O_RDONLY | os.O_DIRECTORY) if files else None
    to_show = os.open(hidden, os.O_PATH | os.O_DIRECTORY) if hidden else None
    under_cover = [part for part in python_parts() if part.startswith(("/tmp/", f"{HOME}/"))]
    covered = {part: os.open(root + part, os.O_PATH) for part in under_cover}
    options = f"size={disk_mb}m,nr_inodes={MAX_FILES},mode=0755"
    syscalls.mount("home", root + HOME, "tmpfs", NO_SETUID | NO_DEVICES, options)
    for folder in ("work", "tmp"):
        os.mkdir(f"{root}{HOME}/{folder}")
    syscalls.mount(f"{root}{HOME}/tmp", f"{root}/tmp", None, BIND)
    options = f"size={SHARED_MEMORY_MB}m,nr_inodes=1000,mode=1777"
    syscalls.mount("memory", f"{root}/dev/shm", "tmpfs", NO_SETUID | NO_DEVICES, options)
    if to_copy is not None:
        copy_files(to_copy, root + WORK, leave_out="hidden" if hidden else "")
    hand_over(root + HOME, owner)  # before anything of the machine's appears beneath it
    for part, source in covered.items():
        _show_open(source, root + part)
        os.close(source)
    if hidden and to_show is not None:
        if owner[0] != os.geteuid():
            _check_readable(hidden)
        _show_open(to_show, f"{root}{WORK}/hidden")
        os.close(to_show)
    syscalls.mount("proc", f"{root}/proc", "proc", NO_SETUID | NO_DEVICES | NO_EXEC)
    syscalls.change_root(root)


def _show_open(source: int, target: str) -> None:
    """Show, read-only, what an open descriptor stands for."""
    if stat.S_ISDIR(os.fstat(source).st_mode):
        os.makedirs(target)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    syscalls.mount(f"/proc/self/fd/{source}", target, None, BIND | RECURSIVE)
    syscalls.make_read_only(target)


def _check_readable(folder: str) -> None:
    """Make sure that a throw-away user can read a folder that only root may have been meant to read."""
    for place, _, names in os.walk(folder):
        for path, needed in ((place, 0o005), *((f"{place}/{name}", 0o004) for name in names)):
            if os.lstat(path).st_mode & needed != needed:
                raise PermissionError(f"{path} is closed to the users of boxes; to mend it: chmod -R o+rX {folder}")


def copy_files(source: int, target: str, leave_out: str = "") -> None:
    """Copy the regular files beneath an open folder, and close it; links, devices, sockets and pipes stay behind.

    Args:
        source: Descriptor of the folder.
        target: Folder that the files are copied to.
        leave_out: Name of an entry at the top that is not copied.
    """
    try:
        with os.scandir(source) as entries:
            for entry in entries:
                if entry.name == leave_out:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folder = os.open(entry.name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=source)
                    os.mkdir(f"{target}/{entry.name}")
                    copy_files(folder, f"{target}/{entry.name}")
                elif entry.is_file(follow_symlinks=False):
                    _copy_file(source, entry.name, f"{target}/{entry.name}")
    finally:
        os.close(source)


def _copy_file(folder: int, name: str, target: str) -> None:
    # O_NONBLOCK: a pipe put in the file's place after we looked must not hold us up
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with open(descriptor, "rb") as reader:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            with open(target, "xb") as writer:
                shutil.copyfileobj(reader, writer)


def hand_over(path: str, owner: tuple[int, int]) -> None:
    """Give a tree that the grader made to the user of a box."""
    os.chown(path, *owner, follow_symlinks=False)
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                hand_over(entry.path, owner)
            elif entry.is_file(follow_symlinks=False):
                os.chown(entry.path, *owner, follow_symlinks=False)


def make_scratch(folder: str, files: str | None, hidden: str | None, user: int | None) -> str:
    """Make, beside a box's folder, the one that its kernel may use where it has no file tree of its own."""
    scratch = f"{folder}-scratch"
    for part in ("", "/home", "/home/work", "/home/tmp", "/hidden"):
        os.mkdir(scratch + part)
    if files:
        copy_files(os.open(files, os.O_RDONLY | os.O_DIRECTORY), f"{scratch}/home/work", "hidden" if hidden else "")
    if user is not None:
        hand_over(f"{scratch}/home", (user, user))
        os.chmod(f"{scratch}/home", 0o700)
    if hidden:
        copy_files(os.open(hidden, os.O_RDONLY | os.O_DIRECTORY), f"{scratch}/hidden")
        os.symlink(f"{scratch}/hidden", f"{scratch}/home/work/hidden")
    return scratch


def remove(path: str) -> None:
    """Remove a tree in which student code may have taken permissions away and nested folders without end."""
    subprocess.run(["chmod", "-R", "u+rwX", "--", path], check=False, stderr=subprocess.DEVNULL)
    subprocess.run(["rm", "-rf", "--", path], check=False, stderr=subprocess.DEVNULL)
