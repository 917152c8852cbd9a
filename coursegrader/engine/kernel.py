"""How is a kernel started, warm and locked up?

The grader's side of a boxed kernel, behind Jupyter's own interfaces: nbclient and nbgrader run on it unchanged.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import time
from pathlib import Path
from queue import Empty
from typing import Any

import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Dict, Instance, Integer, Unicode

from coursegrader.box import forkserver, isolation
from coursegrader.box.lockup import CHANNELS, Limits
from coursegrader.box.usage.clock import Meter, Usage
from coursegrader.box.watchdog import INTERRUPT
from coursegrader.errors import NoBoxError

MAX_MESSAGE_BYTES = 8 << 20
MAX_WAITING_MESSAGES = 1000
START_SECONDS = 120  # the first kernel waits for the imports that the others share


class BoxedProvisioner(KernelProvisionerBase):
    """Starts kernels in boxes of their own, whatever the kernel specification says.

    Under a plain kernel manager, the folder it names as the kernel's working directory is what is copied into the box.
    """

    verdict: str | None = None  # how the kernel ended, in a stable word
    peak_mb = 0  # memory, of all processes of the box; known at the end
    rung: int | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._life_line: socket.socket | None = None
        self._folder: Path | None = None
        self._listeners: list[socket.socket] = []
        self._received = b""
        self._returncode: int | None = None
        self._turn: socket.socket | None = None
        self._meter: Meter | None = None

    def usage(self) -> Usage:
        """Return what the box has taken of its own time; see :mod:`coursegrader.box.usage.clock`."""
        return self._meter.read() if self._meter is not None else Usage()

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started and its end not yet been taken note of."""
        return self._life_line is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Find out how kernels can be boxed here and make the sockets on which the next one will answer."""
        manager = self.parent
        found = await asyncio.to_thread(isolation.probe, getattr(manager, "require_rung", None))
        self.rung = found.rung
        self.server = await asyncio.to_thread(forkserver.shared, found.rung)
        self._turn = await self.server.turn()
        self._folder = self.server.new_folder()
        manager.transport, manager.ip = "ipc", f"{self._folder}/k"
        manager.connection_file = f"{self._folder}/connection.json"
        for port, channel in enumerate(CHANNELS, start=1):
            setattr(manager, f"{channel}_port", port)
            listener = socket.socket(socket.AF_UNIX)
            self._listeners.append(listener)
            listener.bind(f"{manager.ip}-{port}")
            listener.listen(64)
        self.connection_info = manager.get_connection_info()
        return {**kwargs, "cmd": []}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Order a box, and wait until the kernel in it is ready.

        Raises:
            NoBoxError: The box could not be built; the text says why.
        """
        self._received, self._returncode, self.verdict = b"", None, None
        try:
            self._life_line = self._order(kwargs.get("cwd"))
            self._life_line.setblocking(False)
            self._close_listeners()
            message = await asyncio.wait_for(self._first_message(), START_SECONDS)
            if "ready" not in message:
                reason = str(message.get("error") or self.server.last_words()).strip().splitlines()[-1]
                raise NoBoxError(f"no kernel could be started in a box: {reason}")
        except asyncio.TimeoutError as error:
            await self.cleanup()
            raise NoBoxError(
                f"no kernel could be started in a box: it was not ready after {START_SECONDS} s"
            ) from error
        except BaseException:
            await self.cleanup()
            raise
        return self.connection_info

    def _order(self, folder: str | None) -> socket.socket:
        manager = self.parent
        assert self._folder is not None
        order: dict[str, Any] = {"limits": Limits(), "files": folder}
        if isinstance(manager, BoxedKernelManager):
            order = {name: getattr(manager, name) for name in ("limits", "files", "hidden", "variables", "core")}
        self._meter = order["meter"] = Meter()
        return self.server.order(self._folder, key=manager.session.key.decode(), listeners=self._listeners, **order)

    async def _first_message(self) -> dict[str, Any]:
        while not self._read() and b"\n" not in self._received:
            await self._readable()
        line, _, self._received = self._received.partition(b"\n")
        return json.loads(line or b"{}")

    def _read(self) -> bool:
        """Take in what the box has said; True when it will say no more."""
        while self._life_line is not None:
            try:
                data = self._life_line.recv(1 << 16)
            except BlockingIOError:
                return False
            except ConnectionResetError:
                return True
            if not data:
                return True
            self._received += data
        return True

    async def _readable(self) -> None:
        """Wait until the box says something or ends; a copy of the descriptor lets several wait in any loop."""
        loop = asyncio.get_running_loop()
        assert self._life_line is not None
        with socket.socket(fileno=os.dup(self._life_line.fileno())) as copy:
            arrived = loop.create_future()
            loop.add_reader(copy.fileno(), _set, arrived)
            try:
                await arrived
            finally:
                loop.remove_reader(copy.fileno())

    async def poll(self) -> int | None:
        """Return None while the box lives, then how the kernel ended: an exit status or minus a signal."""
        if self._returncode is None and self._read():
            message = json.loads(self._received.partition(b"\n")[0] or b"{}")
            self._returncode = message.get("exit", -signal.SIGKILL)
            self.peak_mb = message.get("peak_mb", 0)
            if self._life_line is not None or message:
                self.verdict = message.get("verdict", "kernel_died:box lost")
        return self._returncode

    async def exited(self) -> int:
        """Wait until the box has ended and return what :meth:`poll` returns."""
        while (code := await self.poll()) is None:
            await self._readable()
        return code

    async def wait(self) -> int | None:
        """Wait until the box has ended, and take note of it."""
        code = await self.exited()
        self._let_go()
        return code

    async def send_signal(self, signum: int) -> None:
        """Interrupt the kernel, or end the box; a box knows no other signals."""
        if signum == signal.SIGINT:
            if self._life_line is not None:
                with contextlib.suppress(OSError):  # it ended meanwhile
                    self._life_line.send(INTERRUPT)
        elif signum:
            await self.kill()

    async def kill(self, restart: bool = False) -> None:
        """End the box and everything in it; return when nothing of it is left."""
        if self._life_line is not None:
            with contextlib.suppress(OSError):  # it ended meanwhile
                self._life_line.shutdown(socket.SHUT_WR)
            await self.exited()
            self._let_go()

    terminate = kill

    async def shutdown_requested(self, restart: bool = False) -> None:
        """End the box at once: there is nothing in it that would have to be saved."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Let go of everything; nothing of the box stays on this machine."""
        self._let_go()
        self._close_listeners()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _let_go(self) -> None:
        if self._life_line is not None:
            self._life_line.close()
            self._life_line = None
        if self._turn is not None:
            self._turn.close()
            self._turn = None

    def _close_listeners(self) -> None:
        while self._listeners:
            self._listeners.pop().close()


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class BoundedKernelClient(AsyncKernelClient):
    """A client that a kernel cannot flood, and that is ready without waiting for a fixed time."""

    def _context_default(self) -> zmq.asyncio.Context:
        self._created_context = True
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
        context.setsockopt(zmq.RCVHWM, MAX_WAITING_MESSAGES)
        return context

    def start_channels(self, *args: Any, hb: bool = False, **kwargs: Any) -> None:
        """Connect to the kernel; without a heartbeat, because the life line knows at once when it ends."""
        super().start_channels(*args, hb=hb, **kwargs)

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and its publications arrive."""
        end = time.monotonic() + (timeout if timeout is not None else START_SECONDS)
        while time.monotonic() < end:
            request = self.kernel_info()
            with contextlib.suppress(Empty):
                reply = await self._async_recv_info(request)
                await self._async_recv_idle(request)
                self._handle_kernel_info_reply(reply)
                return
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    wait_for_ready = _async_wait_for_ready

    async def _async_recv_info(self, request: str) -> dict[str, Any]:
        while True:
            reply = await self.get_shell_msg(timeout=1)
            if reply["parent_header"].get("msg_id") == request:
                return reply

    async def _async_recv_idle(self, request: str) -> None:
        while True:  # a kernel welcomes who subscribes: from then on we hear everything
            message = await self.get_iopub_msg(timeout=1)
            idle = message["content"].get("execution_state") == "idle"
            if message["msg_type"] == "iopub_welcome" or (idle and message["parent_header"].get("msg_id") == request):
                return


class BoxedKernelManager(AsyncKernelManager):
    """Manages one boxed kernel; never starts an unboxed one, whatever else is configured in this process."""

    files = Unicode(None, allow_none=True, help="Folder whose regular files are copied into the working directory.")
    hidden = Unicode(None, allow_none=True, help="Folder that appears read-only as hidden/ in the working directory.")
    variables = Dict(help="Environment variables of the kernel, besides a few fixed ones.")
    limits = Instance(Limits, args=(), help="What the box may use.")
    core = Integer(None, allow_none=True, help="The processor that the kernel keeps to; any, if None.")
    require_rung = Integer(None, allow_none=True, help="The weakest rung of the ladder that is good enough.")
    provisioner: KernelProvisionerBase | None
    kernel_id: str | None
    client_class = f"{__name__}.BoundedKernelClient"
    client_factory = BoundedKernelClient

    @property
    def kernel_spec(self) -> KernelSpec:
        """The one kind of kernel there is, whatever a notebook asks for."""
        return KernelSpec(argv=[], display_name="Python 3 (boxed)", language="python", interrupt_mode="signal")

    @property
    def rung(self) -> int | None:
        """The rung of the ladder on which the kernel runs; known once it was started."""
        return self.provisioner.rung if self.provisioner is not None else None

    async def _async_pre_start_kernel(self, **kwargs: Any) -> tuple[list[str], dict[str, Any]]:
        if not isinstance(self.provisioner, BoxedProvisioner):
            self.kernel_id = self.kernel_id or "boxed"
            self.provisioner = BoxedProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**kwargs)

    pre_start_kernel = _async_pre_start_kernel

    async def _async_start_kernel(self, **kwargs: Any) -> None:
        # the inherited method, and the one below, also sleep for 10 ms so that a test can see them pending
        command, kwargs = await self._async_pre_start_kernel(**kwargs)
        await self._async_launch_kernel(command, **kwargs)

    start_kernel = _async_start_kernel

    async def _async_shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
        if self.provisioner is not None:
            await self.provisioner.kill(restart=restart)
        await self._async_cleanup_resources(restart=restart)

    shutdown_kernel = _async_shutdown_kernel

    def _connect_control_socket(self) -> None:
        """Connect nothing: interrupts and the end go over the life line."""
