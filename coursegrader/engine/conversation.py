"""What does a kernel say while one piece of code runs, and how does that end?

The kernel belongs to the student: any frame may be forged, malformed, endless or missing.
What is believed is the clock, and that a box has ended.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from coursegrader.box.inside.speech import LENGTH_BYTES
from coursegrader.engine import messages
from coursegrader.engine.budget import Budget
from coursegrader.engine.kernel import Kernel, Wanted
from coursegrader.engine.messages import MalformedFrame
from coursegrader.engine.record import Record, Room

LARGEST = 1_500_000  # bytes of a frame that is read; one piece of evidence may have a million
NO_FRAME = 1 << 30  # bytes that nothing has that a kernel of ours would send
START_SECONDS = 30
GRACE_SECONDS = 2.0  # for an interrupt to work, and for the last words of a kernel

_CHUNK = 1 << 16
_LONGEST_ERROR = 500


class ConversationError(Exception):
    """A kernel was started, but does not answer."""


@dataclass
class Said:
    """How one execution ended, and what the kernel said meanwhile.

    Attributes:
        verdict: ``ok``, ``error``, ``timeout``, ``kernel_died:...``, ``output_limit``, ``protocol_error`` ...
        error: Exception and message.
        outputs: Notebook outputs.
        records: Evidence as emitted.
        result: What its last line gave, as text.
        complained: Whether something was written to standard error.
        room: What is left of the room it had; None if nothing was executed.
    """

    verdict: str = ""
    error: str = ""
    outputs: list[NotebookNode] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    result: str = ""
    complained: bool = False
    room: Room | None = None


class Conversation:
    """A started kernel and the stream on which it is spoken to; made by :meth:`begin`."""

    def __init__(self, kernel: Kernel, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flood: int) -> None:
        self.kernel, self._reader, self._writer, self._flood = kernel, reader, writer, flood
        self._execution: _Execution | None = None
        self._closed = False
        self._listener = asyncio.ensure_future(self._listen())

    @classmethod
    async def begin(cls, wanted: Wanted, flood: int) -> Conversation:
        """Start a kernel and return when it can be spoken to.

        Args:
            wanted: What its box is to be.
            flood: Bytes at which a frame is not waited for any longer.

        Raises:
            NoBoxError: No kernel can be started in a box here.
            ConversationError: It was started, but does not answer.
        """
        kernel = await Kernel.start(wanted)
        reader, writer = await asyncio.open_connection(sock=kernel.stream)
        try:
            await asyncio.wait_for(_greeting(reader), START_SECONDS)
        except (OSError, EOFError, MalformedFrame, asyncio.TimeoutError) as error:
            await kernel.end()  # before the stream: a kernel that finds it broken ends with a word of its own
            writer.transport.abort()
            raise ConversationError(f"the kernel does not answer ({type(error).__name__} {error})") from error
        return cls(kernel, reader, writer, flood)

    @property
    def alive(self) -> bool:
        """Whether the kernel runs and can be heard."""
        return not (self._closed or self.kernel.death.done() or self._listener.done())

    async def execute(self, source: str, seconds: float, room: Room, *, evidence: bool = False, **footing: Any) -> Said:
        """Run one piece of code to its end, whatever that is; if it harms the kernel, that is over as well.

        Args:
            source: The code.
            seconds: Time it may take, see :mod:`coursegrader.engine.budget`.
            room: How much may be kept; what is kept is taken off.
            evidence: Whether evidence counts now.
            **footing: Whose code it is: ``given=True`` for the instructor's, ``theirs=[...]`` for a hidden region and the
                names that answers bind; see :mod:`coursegrader.box.inside.footing`.
        """
        execution = self._execution = _Execution(Record(room, evidence))
        command = json.dumps({"id": execution.id, "code": source, **footing}).encode("ascii")
        self._writer.write(len(command).to_bytes(LENGTH_BYTES, "big") + command)
        verdict = await self._ending(execution, seconds)
        if verdict and not await self._recovers(execution, verdict):
            await self.close()
        self._execution = None
        return execution.finish(verdict)

    async def _ending(self, execution: _Execution, seconds: float) -> str:
        """Wait for the end of an execution; return nothing if it came by itself, else the reason."""
        await self._first(execution.end, seconds)
        if self.kernel.death.done():
            await asyncio.wait({self._listener}, timeout=GRACE_SECONDS)  # what was said before is still arriving
            return "" if execution.done else self.kernel.verdict or "kernel_died"
        if execution.end.done():
            return execution.end.result()
        if execution.begun:
            return "timeout"
        execution.error = "it never began: code of an earlier cell was still running"
        return "protocol_error"

    async def _recovers(self, execution: _Execution, verdict: str) -> bool:
        """Interrupt an execution that takes too long or says too much; say whether the kernel comes to itself."""
        if verdict not in ("timeout", "output_limit") or not self.alive:
            return False
        execution.end = asyncio.get_running_loop().create_future()
        self.kernel.interrupt()
        await self._first(execution.end, GRACE_SECONDS)
        return execution.done is not None and self.alive

    @property
    def own(self) -> float:
        """Seconds of its own that the kernel's box has taken."""
        return float(self.kernel.usage().own)

    async def _first(self, end: asyncio.Future[str], seconds: float) -> None:
        """Wait for an end, or for the box's, as long as there is time left; of the box's own, not of the machine's."""
        both: set[asyncio.Future[Any]] = {end, self.kernel.death}
        budget = Budget.begin(seconds, self.own, time.monotonic())
        while (pause := budget.left(self.own, time.monotonic())) and not (end.done() or self.kernel.death.done()):
            await asyncio.wait(both, timeout=pause, return_when=asyncio.FIRST_COMPLETED)

    async def _listen(self) -> None:
        """Hear what arrives until the connection ends or makes no sense."""
        try:
            while True:
                await self._hear_frame()
        except MalformedFrame as error:
            self._fail("protocol_error", f"{error}")
        except (OSError, EOFError):
            await asyncio.wait({self.kernel.death}, timeout=GRACE_SECONDS)  # most likely the kernel has ended
            if not self.kernel.death.done():
                self._fail("protocol_error", "the connection has ended")

    async def _hear_frame(self) -> None:
        length = await _length(self._reader)
        execution = self._execution
        if execution is not None:
            execution.count(length)
        if length > self._flood:
            self._fail("output_limit", "a frame without an end")
            raise EOFError
        raw = None
        if length <= LARGEST:
            raw = await self._reader.readexactly(length)
        else:
            await _skip(self._reader, length)
        if execution is None:
            return
        if raw is None or messages.cost(raw) > messages.LARGEST_COST:  # whatever it is, it was to be shown
            execution.record.cut()
        else:
            execution.hear(raw)

    def _fail(self, verdict: str, error: str) -> None:
        if self._execution is not None:
            self._execution.fail(verdict, error)

    async def close(self, *, wait: bool = False) -> None:
        """End the kernel and everything in its box.

        Args:
            wait: Whether to return only when nothing of it is left.
        """
        if self._closed:
            return
        self._closed = True
        self._listener.cancel()
        await asyncio.wait({self._listener})
        self._writer.transport.abort()  # nobody reads any more what it may still have to send
        await self.kernel.end(wait=wait)


async def _greeting(reader: asyncio.StreamReader) -> None:
    length = await _length(reader)
    if length > _CHUNK or messages.read(await reader.readexactly(length)).kind != "ready":
        raise MalformedFrame("no greeting")


async def _length(reader: asyncio.StreamReader) -> int:
    length = int.from_bytes(await reader.readexactly(LENGTH_BYTES), "big")
    if length > NO_FRAME:
        raise MalformedFrame("no such frame")
    return length


async def _skip(reader: asyncio.StreamReader, length: int) -> None:
    """Pass over a frame, in pieces that need no memory."""
    while length > 0:
        length -= len(await reader.readexactly(min(length, _CHUNK)))


class _Execution:
    """What has been heard of the execution that is going on."""

    def __init__(self, record: Record) -> None:
        self.id = secrets.token_hex(8)  # nobody can say in advance what belongs to it
        self.record = record
        self.error = ""
        self.begun = False
        self.done: dict[str, Any] | None = None
        self.end: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def fail(self, verdict: str, error: str = "") -> None:
        """End the execution before the kernel does."""
        if not self.end.done():
            self.error = error
            self.end.set_result(verdict)

    def count(self, length: int) -> None:
        """Note that a frame of so many bytes arrives, whatever is in it."""
        if self.record.flooded(length):
            self.fail("output_limit")

    def hear(self, raw: bytes) -> None:
        """Take in a frame.

        Raises:
            MalformedFrame: It is none.
        """
        frame = messages.read(raw)
        if frame.execution != self.id or self.done is not None:
            return
        if frame.kind == "begun":
            self.begun = True
        elif frame.kind == "done":
            self.done = frame.content
            if not self.end.done():
                self.end.set_result("")
        else:
            self.record.take(frame)

    def finish(self, verdict: str) -> Said:
        """Return what was said, given why the execution was ended; nothing, if the kernel ended it."""
        outputs, records = self.record.close()
        done = self.done or {}
        if done.get("status") == "error":
            name, value = messages.text(done.get("ename")), messages.text(done.get("evalue"))
            self.error = f"{name}: {value}"[:_LONGEST_ERROR]
        verdict = verdict or ("ok" if done.get("status") == "ok" else _verdict(self.error))
        record = self.record
        return Said(verdict, self.error, outputs, records, record.result, record.complained, record.room)


_LIMITS = [
    (r"OSError: \[Errno (27|28|122)\]|.*No space left on device", "disk_limit"),
    (r"BlockingIOError: \[Errno 11\]|RuntimeError: can't start new thread", "process_limit"),
    (r"MemoryError|.*DefaultCPUAllocator: (not enough|can't allocate) memory", "memory_limit"),
]


def _verdict(error: str) -> str:
    """Return the limit of the box that an exception tells of, or that it is just an error."""
    return next((verdict for pattern, verdict in _LIMITS if re.match(pattern, error)), "error")
