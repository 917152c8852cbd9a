"""How does the grader start, ask and end the process that is forked into kernels?"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import errno
import json
import os
import secrets
import select
import socket
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from coursegrader.box import tree as boxtree
from coursegrader.box.building import ORDER_LENGTH_BYTES
from coursegrader.box.lockup import Limits, Rung
from coursegrader.box.usage.clock import Meter
from coursegrader.box.warmth import PRELOAD, clean_environment, font_cache, throw_away_users
from coursegrader.errors import NoBoxError

MOST_SPARES = 8  # forks made ahead; one for each worker comes about by itself
LONGEST_FOLDER = 64  # of temporary files: sockets that a box on trial tries have names of at most 107 bytes
CLOSE_SECONDS = 60  # until a server that does not end is killed; on a busy machine its boxes take a while to end
# settings and search path come over the socket: /proc/self/cmdline of every kernel is what is written here
_BOOT = """import json, socket, sys
control = socket.socket(fileno=int(sys.argv[1]))
settings = json.loads(control.recv(1 << 16))
sys.path[:] = settings.pop("path")
from coursegrader.box import zygote
zygote.main(control, settings)
"""


class Box(NamedTuple):
    """The grader's ends of a box."""

    life_line: socket.socket  # whose closing ends the box, and whose end means that the box has ended
    stream: socket.socket  # on which its kernel speaks
    meter: Meter  # what it has taken of its time

    def close(self) -> None:
        """Let go of it."""
        self.life_line.close()
        self.stream.close()


class ForkServer:
    """A warm process that is forked for each kernel, and the folder on this machine that its boxes use.

    Args:
        rung: Which rung of the ladder its boxes stand on.
        preload: Modules to import before the first fork, :data:`PRELOAD` if not given; what is not installed is left out.
    """

    def __init__(self, rung: int, preload: Iterable[str] | None = None) -> None:
        self.rung = rung
        short = None if len(tempfile.gettempdir()) <= LONGEST_FOLDER else "/tmp"
        self.folder = Path(tempfile.mkdtemp(prefix="coursegrader-", dir=short))
        self.owner = os.getpid()
        (self.folder / "tree").mkdir()
        if rung == Rung.UID:
            self.folder.chmod(0o711)  # throw-away users pass through on the way to what is theirs
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _BOOT, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=clean_environment(),
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the grader, who then ends us
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        settings = {
            "rung": rung,
            "folder": str(self.folder),
            "preload": list(PRELOAD if preload is None else preload),
            "fonts": font_cache(str(self.folder)),
            "path": [path for path in sys.path if path],
        }
        self.control.sendall(json.dumps(settings).encode())
        self._users = throw_away_users() if os.geteuid() == 0 and rung in (Rung.NAMESPACES, Rung.UID) else None
        self._spares: deque[Box] = deque()
        self._warm: set[str] = set()
        self._warming = threading.Lock()
        atexit.register(self.close)

    def new_folder(self) -> Path:
        """Make a folder for one box."""
        return Path(tempfile.mkdtemp(prefix="box-", dir=self.folder))

    def order(self, folder: Path, **order: Any) -> socket.socket:
        """Make a box and return its life line, see :meth:`box`; what its kernel says is not heard."""
        box = self.box(folder, **order)
        box.stream.close()
        return box.life_line

    def box(
        self,
        folder: Path,
        *,
        limits: Limits,
        variables: dict[str, str] | None = None,
        files: str | None = None,
        hidden: str | None = None,
        core: int | None = None,
        trial: bool = False,
    ) -> Box:
        """Make a box of a fork, one that was made ahead if there is one.

        Args:
            folder: The box's own, from :meth:`new_folder`.
            limits: What the box may use.
            variables: Environment variables of the kernel.
            files: Folder whose regular files are copied into the working directory.
            hidden: Folder that appears read-only as ``hidden/`` there.
            core: Processor that the box keeps to, see :mod:`coursegrader.box.usage.cores`.
            trial: Whether it is to attempt to get out instead of becoming a kernel.

        Raises:
            NoBoxError: The server is gone; the text says why.
        """
        request = {
            "folder": str(folder),
            "limits": limits.as_dict(),
            "variables": dict(variables or {}),
            "files": files,
            "hidden": hidden,
            "user": secrets.choice(self._users) if self._users else None,
            "core": core,
            "trial": os.getpid() if trial else None,
        }
        order = json.dumps(request).encode()
        box = self._spare() or self._fork()
        try:
            box.life_line.sendall(len(order).to_bytes(ORDER_LENGTH_BYTES, "big") + order)
        except OSError as error:
            box.close()
            raise self._gone() from error
        return box

    def warm(self, modules: Iterable[str]) -> None:
        """Have modules, which must start no thread, imported before the next fork; what is not there is left out."""
        with self._warming:
            new = [name for name in modules if name not in self._warm]
            self._warm.update(new)
            for at in range(0, len(new), 200):
                order = json.dumps({"import": new[at : at + 200]}).encode()
                with contextlib.suppress(OSError):  # whoever orders the next box is told
                    self.control.sendall(order)
            with contextlib.suppress(IndexError):
                while new:
                    self._spares.popleft().close()  # forked before

    def fork_ahead(self) -> None:
        """Have a fork made that waits for its order, so that the next box need not wait for its fork."""
        if len(self._spares) < MOST_SPARES:
            with contextlib.suppress(NoBoxError):  # whoever orders the next box is told
                self._spares.append(self._fork())

    def _spare(self) -> Box | None:
        with contextlib.suppress(IndexError):
            while True:
                box = self._spares.popleft()
                if not select.select([box.life_line], [], [], 0)[0]:
                    return box
                box.close()  # it has ended: there was no memory, or no process, to be had when it was made
        return None

    def _fork(self) -> Box:
        ours, theirs = socket.socketpair()
        stream, other_end = socket.socketpair()
        meter = Meter()
        with theirs, other_end:
            try:
                socket.send_fds(self.control, [b"fork"], [theirs.fileno(), meter.descriptor, other_end.fileno()])
            except OSError as error:
                ours.close()
                stream.close()
                raise self._gone() from error
            finally:
                meter.close_descriptor()
        return Box(ours, stream, meter)

    def _gone(self) -> NoBoxError:
        return NoBoxError(f"the process that is forked into kernels has ended: {self.last_words()}")

    def last_words(self) -> str:
        """Return what the server said when it ended, if it said anything."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        for _ in range(2):  # the first attempt may only tell that an order was not read any more
            with contextlib.suppress(OSError, ValueError):
                data = self.control.recv(1 << 16, socket.MSG_DONTWAIT)
                return str(json.loads(data)["error"]).strip().splitlines()[-1]
        return f"exit status {self.process.poll()}"

    async def turn(self) -> socket.socket | None:
        """Wait until a box may be started; closing what is returned lets the next one start.

        Without namespaces and users of their own, the boxes of one user reach each other's sockets and are counted
        together: one at a time then, also among several graders.
        """
        if self.rung != Rung.LANDLOCK:
            return None
        lock = socket.socket(socket.AF_UNIX)
        while True:
            try:
                lock.bind(f"\0coursegrader-{os.getuid()}")  # a name that one process of this machine can have
                return lock
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    lock.close()
                    raise
                await asyncio.sleep(0.02)

    @property
    def alive(self) -> bool:
        """Whether boxes can be ordered."""
        return self.owner == os.getpid() and self.process.poll() is None

    def close(self) -> None:
        """End the server and every box, and remove their folder."""
        if self.owner != os.getpid():
            return  # a fork of the grader: the server belongs to its parent
        atexit.unregister(self.close)
        for box in self._spares:
            box.close()
        self._spares.clear()
        self.control.close()
        try:
            self.process.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "tree").rmdir()
        if self.folder.exists():  # the server was killed here, or a box outlived it: what is in there, a student chose
            boxtree.remove(str(self.folder))


_lock = threading.Lock()
_servers: dict[tuple[int, int], ForkServer] = {}
_closed: list[bool] = []  # not empty while no server may be started


def shared(rung: int, preload: Iterable[str] | None = None) -> ForkServer:
    """Return this process's server for a rung, starting it if there is none."""
    with _lock:
        if _closed:
            raise NoBoxError("the grading was broken off")
        server = _servers.get((os.getpid(), rung))
        if server is None or not server.alive:
            if server is not None:
                server.close()
            server = _servers[os.getpid(), rung] = ForkServer(rung, preload)
        return server


def close() -> None:
    """End every server of this process, with its boxes."""
    with _lock:
        for owner, rung in list(_servers):
            if owner == os.getpid():
                _servers.pop((owner, rung)).close()


@contextlib.contextmanager
def closed() -> Iterator[None]:
    """End every server of this process, and start none meanwhile: who waits for a box gets an error."""
    _closed.append(True)
    try:
        close()
        yield
    finally:
        _closed.pop()
