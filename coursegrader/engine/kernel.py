"""How is a kernel started, warm and locked up, and how does it end?

The grader's side of a box: the line on which it lives, and the stream on which its kernel speaks.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import signal
import socket
from dataclasses import dataclass, field

from coursegrader.box import forkserver, isolation
from coursegrader.box.lockup import Limits
from coursegrader.box.usage.clock import Meter, Usage
from coursegrader.box.watchdog import INTERRUPT
from coursegrader.course.setup import settings
from coursegrader.errors import NoBoxError

START_SECONDS = 120  # the first kernel waits for the imports that the others share
_CPU_SECONDS = 3  # of the processor for the start of a kernel, which costs a notebook nothing


@dataclass(frozen=True)
class Wanted:
    """What a box is to be.

    Attributes:
        files: Folder whose regular files are copied into the working directory.
        hidden: Folder that appears read-only as ``hidden/`` in the working directory.
        variables: Environment variables of the kernel, besides a few fixed ones.
        limits: What the box may use.
        require_rung: The weakest rung of the ladder that is good enough.
        core: The processor that the kernel keeps to; any, if None.
        modules: What the notebook imports: imported once, before the fork.
    """

    files: str | None = None
    hidden: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    require_rung: int | None = None
    core: int | None = None
    modules: tuple[str, ...] = ()


def limits_of(limits: settings.Execute) -> Limits:
    """Return what one box may use, of what the course allows a notebook."""
    # half of the disk for one file: who fills that gets an exception, where more costs the kernel on some rungs
    disk = {"disk_mb": limits.disk_mb, "file_mb": limits.disk_mb // 2}
    return Limits(
        memory_mb=limits.memory_mb,
        processes=limits.processes,
        cpu_seconds=math.ceil(limits.notebook_seconds) + _CPU_SECONDS,
        **disk,
    )


class Kernel:
    """A kernel in a box of its own; made by :meth:`start`.

    Attributes:
        rung: The rung of the ladder on which it runs.
        verdict: How it ended, in a stable word; None while it lives.
        peak_mb: Memory, of all processes of the box; known at the end.
        stream: The socket on which it speaks.
        death: Done when the box has ended by itself.
    """

    def __init__(self, rung: int, box: forkserver.Box, turn: socket.socket | None) -> None:
        self.rung, self.stream = rung, box.stream
        self._meter: Meter | None = box.meter
        self._used = Usage()
        self.verdict: str | None = None
        self.peak_mb = 0
        self._life_line, self._turn = box.life_line, turn
        self._lines: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.death: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @classmethod
    async def start(cls, wanted: Wanted) -> Kernel:
        """Order a box, and wait until the kernel in it is ready.

        Raises:
            NoBoxError: The box could not be built; the text says why.
        """
        rung = isolation.probe(wanted.require_rung).rung
        server = forkserver.shared(rung)
        server.warm(wanted.modules)
        turn = await server.turn()
        folder = server.new_folder()
        kernel = None
        try:
            box = server.box(
                folder,
                limits=wanted.limits,
                variables=wanted.variables,
                files=wanted.files,
                hidden=wanted.hidden,
                core=wanted.core,
            )
            kernel = cls(rung, box, turn)
            await kernel._begin(server)
        except BaseException:
            if kernel is not None:
                await kernel.end(wait=False)
                kernel.stream.close()
            elif turn is not None:
                turn.close()
            raise
        finally:
            with contextlib.suppress(OSError):
                os.rmdir(folder)  # by now the box has no need of its name
        server.fork_ahead()
        return kernel

    async def _begin(self, server: forkserver.ForkServer) -> None:
        self._lines, self._writer = await asyncio.open_connection(sock=self._life_line)
        try:
            message = await asyncio.wait_for(self._line(), START_SECONDS)
        except asyncio.TimeoutError as error:
            raise NoBoxError(
                f"no kernel could be started in a box: it was not ready after {START_SECONDS} s"
            ) from error
        if "ready" not in message:
            reason = str(message.get("error") or server.last_words()).strip().splitlines()[-1]
            raise NoBoxError(f"no kernel could be started in a box: {reason}")
        self.death = asyncio.ensure_future(self._last_line())

    async def _line(self) -> dict[str, object]:
        """Return what the box says next on its life line; nothing if it has ended without a word."""
        assert self._lines is not None
        try:
            return dict(json.loads(await self._lines.readline() or b"{}"))
        except (OSError, ValueError):
            return {}

    async def _last_line(self) -> int:
        """Wait for the end of the box and return how its kernel ended: an exit status, or minus a signal."""
        message = await self._line()
        self.verdict = str(message.get("verdict", "kernel_died:box lost"))
        self.peak_mb = int(str(message.get("peak_mb", 0)))
        return int(str(message.get("exit", -signal.SIGKILL)))

    def usage(self) -> Usage:
        """Return what the box has taken of its own time; see :mod:`coursegrader.box.usage.clock`."""
        if self._meter is not None:
            self._used = self._meter.read()
        return self._used

    def interrupt(self) -> None:
        """Interrupt what the kernel is running."""
        if self._writer is not None:
            self._writer.write(INTERRUPT)

    async def end(self, *, wait: bool = True) -> None:
        """End the box and everything in it.

        Args:
            wait: Whether to return only when nothing of it is left; the memory of a large process takes a while.
        """
        with contextlib.suppress(OSError):  # it ended meanwhile
            self._life_line.shutdown(socket.SHUT_WR)
        if (wait or self._turn is not None) and self._lines is not None:  # whoever has the next turn must be alone
            await asyncio.wait({self.death})
            with contextlib.suppress(OSError):
                await self._lines.read()  # to the end: by then its files are gone, too
        self.death.cancel()
        if self._writer is not None:
            self._writer.transport.abort()
        self._life_line.close()
        self.usage()
        self._meter = None  # its page keeps a descriptor open
        if self._turn is not None:
            self._turn.close()
            self._turn = None
