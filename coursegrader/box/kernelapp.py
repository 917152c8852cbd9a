"""What runs as the kernel inside a box?

ipykernel's own application, on sockets that the grader has bound already: a box needs no network and no shared folder.
"""

from __future__ import annotations

import hashlib
import io
import os
import random
import subprocess
import sys
import warnings
import zlib
from typing import Any

import numpy as np
import zmq
from ipykernel import compiler, zmqshell
from ipykernel.heartbeat import Heartbeat
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from traitlets.config import Config

from coursegrader.box import tree as boxtree
from coursegrader.box.lockup import CHANNELS
from coursegrader.evidence import SEED_VARIABLE


class _BoxedHeartbeat(Heartbeat):
    listener = -1

    def _try_bind_socket(self) -> None:
        self.socket.use_fd = self.listener
        self.socket.bind("ipc://heartbeat")


class BoxedStream(OutStream):
    """A stream that wakes the thread that publishes only if there is something to publish."""

    def flush(self) -> None:
        """Send what was written; with nothing written, no message can be overtaken by the next one."""
        if any(buffer.tell() for buffer in list(self._buffers.values())):  # other threads write, too
            super().flush()


class BoxedShell(zmqshell.ZMQInteractiveShell):
    """IPython's shell, which does not look for magics where there can be none: that takes longer than most cells."""

    _plain = ("", False)
    _usual: Any = None

    def transform_cell(self, raw_cell: str) -> str:
        """Return the cell as Python; unchanged if it is Python already and nobody registered a transformer."""
        if self._transformers() == self._usual and self._is_plain(raw_cell):
            return raw_cell if raw_cell.endswith("\n") else f"{raw_cell}\n"
        transformed: str = super().transform_cell(raw_cell)
        return transformed

    def should_run_async(self, raw_cell: str, **kwargs: Any) -> bool:
        """Say whether the cell awaits something outside of functions; compile it only if it could."""
        return ("await" in raw_cell or "async" in raw_cell) and super().should_run_async(raw_cell, **kwargs)

    def _transformers(self) -> list[Any]:
        inputs = self.input_transformer_manager
        return [
            *inputs.cleanup_transforms,
            *inputs.line_transforms,
            *inputs.token_transformers,
            *self.input_transformers_post,
        ]

    def _is_plain(self, source: str) -> bool:
        """Say whether IPython would leave the source as it is; a single line may be a magic's name or ``exit``."""
        if source != self._plain[0]:  # it is asked twice for every cell
            self._plain = source, "In [" not in source and "\n" in source.strip() and _compiles(source)
        return self._plain[1]


def _compiles(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # IPython compiles it again, and shows them
            compile(source, "cell", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError):  # then IPython finds out, and says so in its words
        return False
    return True


class BoxedKernel(IPythonKernel):
    """An IPython kernel with the quick shell."""

    shell_class = BoxedShell
    _execute_sleep = 0.0  # it waits there for output that we need not wait for: ours leaves in the order it came


class BoxedKernelApp(IPKernelApp):
    """An ipykernel that answers on listening sockets it was given, and writes no connection file."""

    kernel_class = BoxedKernel
    iopub_port: int
    listeners: dict[int, int] = {}  # noqa: RUF012 -- set once, on the class, before the only instance is made

    def _try_bind_socket(self, s: zmq.Socket, port: int) -> int:
        s.use_fd = self.listeners[port]
        s.bind(f"ipc://channel-{port}")  # a name only: libzmq takes the socket that is bound already
        return port

    def _apply_curve_client_options(self, socket: zmq.Socket) -> None:
        socket.reconnect_ivl = -1  # the debugger's own connection to the shell channel: there is no path to it in here

    def init_iopub(self, context: zmq.Context) -> None:
        """Publish without the helper pipe, which would be a TCP socket."""
        self.iopub_socket = context.socket(zmq.XPUB)
        self.iopub_socket.linger = 1000
        self.iopub_port = self._bind_socket(self.iopub_socket, self.iopub_port)
        self.configure_tornado_logger()
        self.iopub_thread = IOPubThread(self.iopub_socket, pipe=False, session=self.session)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket

    def init_heartbeat(self) -> None:
        """Let the heart beat on the socket that was given."""
        self.heartbeat = _BoxedHeartbeat(zmq.Context(), ("ipc", self.ip, self.hb_port))
        self.heartbeat.listener = self.listeners[self.hb_port]
        self.heartbeat.start()

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Parse nothing: there is no command line, and building the parser takes as long as half of the rest."""

    def init_connection_file(self) -> None:
        """Read no connection file: key and sockets were given."""

    def write_connection_file(self, **_: Any) -> None:
        """Write no connection file: nobody in the box needs the key."""


def run_shell_command(command: str) -> int:
    """Run what a cell says after ``!``, without the terminal that IPython would ask for and a box has not."""
    with subprocess.Popen(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line.decode(errors="replace"))
    return process.returncode


def warm_up() -> None:
    """Do in the process that will be forked what every kernel would have to do: nothing that starts a thread."""
    ports = {f"{channel}_port": port for port, channel in enumerate(CHANNELS, start=1)}
    settings = {
        "IPKernelApp": {
            "outstream_class": f"{__name__}.BoxedStream",
            "log_level": "ERROR",
            "transport": "ipc",
            "ip": "box",
            **ports,
        },
        "HistoryManager": {"enabled": False},
        "InteractiveShell": {"xmode": "Plain"},  # the others read source files for each error: 50 ms to seconds
    }
    zmqshell.system = run_shell_command
    compiler.murmur2_x86 = lambda code, seed: zlib.crc32(code.encode(), seed)  # names a cell's file; theirs is slow
    BoxedKernelApp.instance(quiet=True, config=Config(settings))
    figure = Figure()
    axes = figure.add_subplot(title="t", xlabel="$x_1$")
    axes.semilogy([1, 10, 100], label="l")
    axes.legend()
    FigureCanvasAgg(figure).print_png(io.BytesIO())  # finds fonts, fills caches


def prepare(key: str, listeners: list[int]) -> BoxedKernelApp:
    """Return a kernel that is ready to be started."""
    BoxedKernelApp.listeners = dict(enumerate(listeners, start=1))
    sys.argv = ["ipykernel_launcher"]
    sys.path = ["", *(path for path in sys.path if boxtree.readable_in(path))]
    app = BoxedKernelApp.instance()
    app.session.key = key.encode()
    app.initialize([])
    app.shell._usual = app.shell._transformers()
    app.shell.enable_matplotlib("inline")  # the import hook that does this came too early: pyplot was imported warm
    return app


def reseed() -> None:
    """Start the random generators of this process anew; from the grading seed, if there is one.

    Every fork would otherwise draw the same numbers, and a regrade others than the grade.
    """
    known = os.environ.get(SEED_VARIABLE)
    data = hashlib.sha256(known.encode()).digest() if known is not None else os.urandom(8)
    seed = int.from_bytes(data[:4], "big")
    random.seed(seed)
    np.random.seed(seed)  # the generator that students use unasked
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(seed)
