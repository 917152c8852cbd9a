"""How well can student code be locked up on this machine?

The ladder, strongest rung first; each is tried by building a box on it and attempting to get out:

1. ``namespaces``: own file tree, processes, network and users; needs user namespaces, or root.
2. ``uid``: a throw-away user per box, Landlock, seccomp; needs root.
3. ``landlock``: Landlock and seccomp, one box at a time; for an ordinary user.
4. ``external``: nothing of ours; only where the operator states that the whole machine is disposable.

Below these there is only refusal.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import platform
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursegrader.box import lockup
from coursegrader.box import tree as boxtree
from coursegrader.box.forkserver import ForkServer
from coursegrader.box.linux import landlock, seccomp
from coursegrader.box.lockup import Limits, Rung
from coursegrader.errors import NoBoxError

LADDER = (Rung.NAMESPACES, Rung.UID, Rung.LANDLOCK, Rung.EXTERNAL)
FORCE = "COURSEGRADER_RUNG"  # environment variable: try this rung and no other
EXTERNAL = "COURSEGRADER_EXTERNAL_ISOLATION"  # environment variable: "1" states that the machine is disposable
_TRIAL_SECONDS = 30


@dataclass(frozen=True)
class Isolation:
    """The rung of the ladder that student code runs on here."""

    rung: Rung
    why: str = ""  # a sentence: what stands in the way of a better rung
    fix: str = ""  # the one command, or setting, that removes it

    @property
    def name(self) -> str:
        """The rung's name."""
        return self.rung.name.lower()

    def __str__(self) -> str:
        text = f"isolation rung {self.rung} ({self.name})"
        return f"{text}: {self.why}; to mend it: {self.fix}" if self.why else text


def probe(require: int | None = None) -> Isolation:
    """Return the strongest rung that works here, found by trying; tried once per process.

    Args:
        require: The weakest rung that is good enough; any, if None.

    Raises:
        NoBoxError: No rung works, or none that is good enough; the text says what is missing and what brings it.
    """
    found = _climb(os.environ.get(FORCE, ""), os.environ.get(EXTERNAL, ""), _user())
    if found.rung not in LADDER:
        raise NoBoxError(f"student code cannot be locked up here: {found.why}; to mend it: {found.fix}")
    if require is not None and found.rung > require:
        raise NoBoxError(f"rung {require} ({_name(require)}) is required, but this is {found}")
    return found


def _name(rung: int) -> str:
    return Rung(rung).name.lower() if rung in LADDER else "unknown"


def _user() -> int:
    return os.geteuid() if os.name == "posix" else 0


@functools.lru_cache
def _climb(forced: str, external: str, user: int) -> Isolation:
    """Try rung after rung; the arguments are all that the answer depends on within one process."""
    if platform.system() != "Linux":
        why = f"{platform.system()} has no way to lock up a process that this package knows"
        return Isolation(Rung.REFUSE, why, "grade inside WSL2 or a Linux virtual machine")
    if forced and forced not in map(str, LADDER):
        return Isolation(Rung.REFUSE, f"{FORCE}={forced} is no rung", f"unset {FORCE}")
    first = ("", "")
    for rung in [Rung(int(forced))] if forced else LADDER:
        why, fix = _try(rung, external, user)
        if not why:
            better = (f"{FORCE}={forced} asks for it", f"unset {FORCE}") if forced and rung > Rung.NAMESPACES else first
            return Isolation(rung, *better)
        first = first if first[0] else (why, fix)
    return Isolation(Rung.REFUSE, *first)


def _try(rung: Rung, external: str, user: int) -> tuple[str, str]:
    """Return what stands in the way of a rung and what removes it; two empty texts if it works."""
    missing = _missing(rung, external, user)
    if missing:
        return missing
    try:
        leaks = _trial(rung)
    except NoBoxError as error:
        return (f"no box could be built on rung {rung} ({error})", _remedy(rung, user))
    if leaks and rung != Rung.EXTERNAL:
        return (f"a box on rung {rung} does not hold: it {', '.join(leaks)}", _remedy(rung, user))
    return "", ""


def _missing(rung: Rung, external: str, user: int) -> tuple[str, str] | None:
    """Name what a rung cannot do without, where that can be told without trying."""
    if rung == Rung.EXTERNAL:
        stated = external == "1"
        return None if stated else ("nobody has stated that this whole machine is disposable", f"export {EXTERNAL}=1")
    if not seccomp.supported():
        return f"the filter of system calls does not know {platform.machine()}", "grade on x86_64 or aarch64"
    if not landlock.version():
        return "this kernel has no Landlock", "boot Linux 5.13 or newer with lsm=landlock,... on its command line"
    if rung == Rung.UID and user:
        return "only root can give each box a user of its own", "run the same command with sudo"
    if rung == Rung.UID and (closed := _closed_folder()):
        return f"throw-away users cannot reach Python through {closed}", f"chmod o+x {closed}"
    if rung == Rung.LANDLOCK and not user:
        return "what root runs cannot be confined on this rung", "run the same command as an ordinary user"
    if rung == Rung.LANDLOCK and landlock.version() < landlock.SCOPE_VERSION:
        return "this kernel's Landlock cannot keep signals in the box", "boot Linux 6.12 or newer"
    return None


def _closed_folder() -> str | None:
    """Return a folder on the way to Python, or to our own folders, that other users may not pass through."""
    for part in [*boxtree.python_parts(), f"{os.path.realpath(tempfile.gettempdir())}/box"]:
        for folder in reversed(Path(part).parents):
            if not folder.stat().st_mode & 0o001:
                return str(folder)
    return None


def _trial(rung: Rung) -> list[str]:
    """Build a box, try to get out of it, and return what succeeded.

    Raises:
        NoBoxError: The box could not be built.
    """
    server = ForkServer(rung, preload=())
    try:
        folder = server.new_folder()
        message: dict[str, Any] = {}
        with _doors(str(folder)), server.order(folder, limits=Limits(), trial=True) as life_line:
            life_line.settimeout(_TRIAL_SECONDS)
            with life_line.makefile("rb") as lines, contextlib.suppress(ConnectionResetError):
                message = json.loads(lines.readline() or b"{}")
        if "leaks" not in message:
            reason = str(message.get("error") or server.last_words())
            raise NoBoxError(reason.strip().splitlines()[-1])
        return list(message["leaks"])
    except TimeoutError:
        raise NoBoxError(f"no answer within {_TRIAL_SECONDS} s") from None
    finally:
        server.close()


@contextlib.contextmanager
def _doors(folder: str) -> Iterator[None]:
    """Listen, as services of this machine do, where a box on trial will try to reach us."""
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM)
    with contextlib.ExitStack() as doors:
        for name, kind in zip(lockup.DOORS, kinds, strict=True):
            for address in (f"{folder}/{name}", f"\0{folder}/{name}"):
                door = doors.enter_context(socket.socket(socket.AF_UNIX, kind))
                door.bind(address)
                if kind == socket.SOCK_STREAM:
                    door.listen()
            os.chmod(f"{folder}/{name}", 0o777)
        os.chmod(folder, 0o711)  # only the lock-up keeps others out
        yield


def _remedy(rung: Rung, user: int) -> str:
    """Return the one command that most likely makes a rung work."""
    if rung == Rung.NAMESPACES:
        for setting, bad, good in (
            ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
            ("kernel/unprivileged_userns_clone", "0", "1"),
            ("user/max_user_namespaces", "0", "15000"),
        ):
            path = Path("/proc/sys", setting)
            if path.exists() and path.read_text().strip() == bad and user:
                return f"sudo sysctl -w {setting.replace('/', '.')}={good}"
        return "docker run --cap-add SYS_ADMIN --security-opt apparmor=unconfined ... (in a container, as root)"
    return "run on a machine, or in a container, where rung 1 works"
