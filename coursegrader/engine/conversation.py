"""What does a kernel say while one piece of code runs, and how does that end?

The kernel belongs to the student: any message may be forged, malformed, endless or missing.
What is believed is the clock, and that a box has ended.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.session import Session
from nbformat import NotebookNode, from_dict

from coursegrader.engine import messages
from coursegrader.engine.budget import Budget
from coursegrader.engine.kernel import BoxedKernelManager
from coursegrader.engine.messages import MalformedMessage, Message
from coursegrader.engine.wire import Channel, EndlessMessageError, TooLarge, WireError
from coursegrader.evidence import MIME

LARGEST = 1_500_000  # bytes of a message that is read; one piece of evidence may have a million
START_SECONDS = 30
GRACE_SECONDS = 2.0  # for an interrupt to work, and for the last words of a kernel

_LONGEST_ERROR = 500
_CUT = "\n[the rest of the output was cut]\n"


class ConversationError(Exception):
    """A kernel was started, but does not answer."""


@dataclass
class Room:
    """How much of what a kernel says is kept, in bytes.

    Attributes:
        output: Of output, in one notebook.
        one_output: Of output, in one execution.
        evidence: Of evidence, in one notebook, as large as it is in memory.
        flood: Of messages, in one execution; then it is stopped.
    """

    output: int
    one_output: int
    evidence: int
    flood: int


@dataclass
class Said:
    """How one execution ended, and what the kernel said meanwhile.

    Attributes:
        verdict: ``ok``, ``error``, ``timeout``, ``kernel_died:...``, ``output_limit``, ``protocol_error`` ...
        error: Exception and message.
        outputs: Notebook outputs.
        records: Evidence as emitted.
    """

    verdict: str = ""
    error: str = ""
    outputs: list[NotebookNode] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)


class Conversation:
    """A started kernel and the connections on which it is spoken to; made by :meth:`begin`."""

    def __init__(self, manager: BoxedKernelManager, shell: Channel, iopub: Channel) -> None:
        self.manager, self._shell, self._iopub = manager, shell, iopub
        self._session = Session(key=manager.session.key)
        self._execution: _Execution | None = None
        self._closed = False
        box: Any = manager.provisioner
        self._box = box
        self._death = asyncio.ensure_future(box.exited())
        self._listeners = [asyncio.ensure_future(self._listen(channel)) for channel in (shell, iopub)]

    @classmethod
    async def begin(cls, manager: BoxedKernelManager, flood: int) -> Conversation:
        """Start a kernel and return when it can be spoken to.

        Raises:
            NoBoxError: No kernel can be started in a box here.
            ConversationError: It was started, but does not answer.
        """
        await manager.start_kernel()
        try:
            return await asyncio.wait_for(cls._connect(manager, flood), START_SECONDS)
        except (WireError, OSError, asyncio.TimeoutError) as error:
            await _close(manager)
            raise ConversationError(f"the kernel does not answer ({type(error).__name__} {error})") from error

    @classmethod
    async def _connect(cls, manager: BoxedKernelManager, flood: int) -> Conversation:
        limits = {"largest": LARGEST, "endless": flood}
        iopub = await Channel.connect(f"{manager.ip}-{manager.iopub_port}", "SUB", **limits)
        await iopub.receive()  # a welcome: from here on we hear everything
        shell = await Channel.connect(f"{manager.ip}-{manager.shell_port}", "DEALER", **limits)
        return cls(manager, shell, iopub)

    @property
    def alive(self) -> bool:
        """Whether the kernel runs and can be heard."""
        return not (self._death.done() or any(listener.done() for listener in self._listeners))

    async def execute(self, source: str, seconds: float, room: Room, *, evidence: bool = False) -> Said:
        """Run one piece of code to its end, whatever that is; if it harms the kernel, that is over as well.

        Args:
            source: The code.
            seconds: Time it may take, see :mod:`coursegrader.engine.budget`.
            room: How much may be kept; what is kept is taken off.
            evidence: Whether evidence counts now.
        """
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {},
                   "allow_stdin": False, "stop_on_error": False}  # fmt: skip
        request = self._session.msg("execute_request", content)
        execution = self._execution = _Execution(request["header"]["msg_id"], room, evidence)
        self._shell.send(self._session.serialize(request))
        verdict = await self._ending(execution, seconds)
        if verdict and not await self._recovers(execution, verdict):
            await self.close()
        self._execution = None
        return execution.finish(verdict)

    async def _ending(self, execution: _Execution, seconds: float) -> str:
        """Wait for the end of an execution; return nothing if it came by itself, else the reason."""
        await self._first(execution.end, seconds)
        if self._death.done():
            await asyncio.wait(self._listeners, timeout=GRACE_SECONDS)  # what was said before is still arriving
            return "" if execution.complete else self._box.verdict or "kernel_died"
        if execution.end.done():
            return execution.end.result()
        if not execution.begun:
            execution.said.error = "it never began: code of an earlier cell was still running"
        return "timeout" if execution.begun and not (execution.idle or execution.reply) else "protocol_error"

    async def _recovers(self, execution: _Execution, verdict: str) -> bool:
        """Interrupt an execution that takes too long or says too much; say whether the kernel comes to itself."""
        if verdict not in ("timeout", "output_limit"):
            return False
        execution.end = asyncio.get_running_loop().create_future()
        await self.manager.interrupt_kernel()
        await self._first(execution.end, GRACE_SECONDS)
        return execution.complete and self.alive

    @property
    def own(self) -> float:
        """Seconds of its own that the kernel's box has taken."""
        return float(self._box.usage().own)

    async def _first(self, end: asyncio.Future[str], seconds: float) -> None:
        """Wait for an end, or for the box's, as long as there is time left; of the box's own, not of the machine's."""
        both: set[asyncio.Future[Any]] = {end, self._death}
        budget = Budget.begin(seconds, self.own, time.monotonic())
        while (pause := budget.left(self.own, time.monotonic())) and not (end.done() or self._death.done()):
            await asyncio.wait(both, timeout=pause, return_when=asyncio.FIRST_COMPLETED)

    async def _listen(self, channel: Channel) -> None:
        """Hand on what arrives until the connection ends or makes no sense."""
        try:
            while True:
                message = await channel.receive()
                if self._execution is not None:
                    self._execution.hear(message, channel is self._shell)
        except EndlessMessageError as error:
            self._fail("output_limit", error)
        except MalformedMessage as error:
            self._fail("protocol_error", error)
        except WireError as error:
            await asyncio.wait({self._death}, timeout=GRACE_SECONDS)  # most likely the kernel has ended
            if not self._death.done():
                self._fail("protocol_error", error)

    def _fail(self, verdict: str, error: Exception) -> None:
        if self._execution is not None:
            self._execution.fail(verdict, str(error))

    async def close(self) -> None:
        """End the kernel and everything in its box."""
        if self._closed:
            return
        self._closed = True
        for listener in self._listeners:
            listener.cancel()
        await asyncio.gather(*self._listeners, return_exceptions=True)
        self._shell.close()
        self._iopub.close()
        await _close(self.manager)
        await self._death


async def _close(manager: BoxedKernelManager) -> None:
    await manager.shutdown_kernel(now=True)
    await manager.cleanup_resources()


class _Execution:
    """What has been heard of the execution that is going on."""

    def __init__(self, request: str, room: Room, evidence: bool) -> None:
        self.request, self.room, self.evidence = request, room, evidence
        self.said = Said()
        self.begun = self.idle = False
        self.reply: dict[str, Any] | None = None
        self.end: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._heard = 0
        self._left = min(room.output, room.one_output)
        self._pieces: list[str] = []  # of the last output, if that is a stream

    @property
    def complete(self) -> bool:
        """Whether the kernel has both replied and said that it is idle again."""
        return self.idle and self.reply is not None

    def fail(self, verdict: str, error: str = "") -> None:
        """End the execution before the kernel does."""
        if not self.end.done():
            self.said.error = error
            self.end.set_result(verdict)

    def hear(self, frames: list[bytes] | TooLarge, on_shell: bool) -> None:
        """Take in a message.

        Raises:
            MalformedMessage: It is none.
        """
        self._heard += frames.size if isinstance(frames, TooLarge) else sum(map(len, frames))
        if self._heard > self.room.flood:
            self.fail("output_limit")
        if isinstance(frames, TooLarge):
            self._cut()
            if on_shell:  # only replies arrive there; one of that size tells of an exception
                self._settle(reply={"status": "error", "ename": "Exception", "evalue": "(too long to be told)"})
            return
        message = messages.read(frames)
        if message.parent != self.request:
            return
        if message.kind == "status":
            state = message.content().get("execution_state")
            self.begun |= state == "busy"
            self._settle(idle=state == "idle")
        elif message.kind == "execute_reply":
            self._settle(reply=message.content())
        else:
            self._output(message)

    def _settle(self, *, idle: bool = False, reply: dict[str, Any] | None = None) -> None:
        """Note one of the two signs that an execution has ended."""
        self.idle |= idle
        self.reply = reply or self.reply
        if self.complete:
            if not self.end.done():
                self.end.set_result("")
        elif idle or reply:  # a kernel gives both at once, or one of them is forged, or the other was suppressed
            asyncio.get_running_loop().call_later(2 * GRACE_SECONDS, self._missed)

    def _missed(self) -> None:
        if not self.complete:
            self.fail("protocol_error", "only one of the two signs that an execution has ended")

    def _output(self, message: Message) -> None:
        if message.kind == "display_data" and self.evidence and MIME.encode() in message.raw:
            self._record(message)
        elif len(message.raw) > self._left:
            self._cut()
        else:
            output = messages.output(message.kind, message.content())
            if output is not None:
                self._left -= len(message.raw)
                self._keep(output)

    def _record(self, message: Message) -> None:
        if message.cost > self.room.evidence:
            return
        self.room.evidence -= message.cost
        data = message.content().get("data")
        record = data.get(MIME) if isinstance(data, dict) else None
        if isinstance(record, dict) and messages.shallow(record):
            self.said.records.append(record)

    def _cut(self) -> None:
        if self._left > 0:
            self._keep(from_dict({"output_type": "stream", "name": "stderr", "text": _CUT}))
            self._left = 0

    def _keep(self, output: NotebookNode) -> None:
        """Append an output; pieces of one stream become one output."""
        last = self.said.outputs[-1] if self.said.outputs else None
        if output.output_type == "stream" and last is not None and last.get("name") == output.name:
            self._pieces.append(output.text)
            return
        self._join()
        self.said.outputs.append(output)

    def _join(self) -> None:
        if self._pieces:
            self.said.outputs[-1].text += "".join(self._pieces)
            self._pieces = []

    def finish(self, verdict: str) -> Said:
        """Return what was said, given why the execution was ended; nothing, if the kernel ended it."""
        self._join()
        self.room.output -= min(self.room.output, self.room.one_output) - self._left
        reply = self.reply or {}
        if reply.get("status") == "error":
            name, value = messages.text(reply.get("ename")), messages.text(reply.get("evalue"))
            self.said.error = f"{name}: {value}"[:_LONGEST_ERROR]
        self.said.verdict = verdict or ("ok" if reply.get("status") == "ok" else _verdict(self.said.error))
        return self.said


_LIMITS = [
    (r"OSError: \[Errno (27|28|122)\]|.*No space left on device", "disk_limit"),
    (r"BlockingIOError: \[Errno 11\]|RuntimeError: can't start new thread", "process_limit"),
    (r"MemoryError|.*DefaultCPUAllocator: (not enough|can't allocate) memory", "memory_limit"),
]


def _verdict(error: str) -> str:
    """Return the limit of the box that an exception tells of, or that it is just an error."""
    return next((verdict for pattern, verdict in _LIMITS if re.match(pattern, error)), "error")
