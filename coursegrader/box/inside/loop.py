"""What does the process in a box do for the grader?

It runs one piece of code after the other, inside an event loop that is running, as in every notebook.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import contextvars
import getpass
import importlib
import io
import json
import os
import signal
import socket
import sys
import types
from typing import Any, NoReturn

from IPython.core.error import StdinNotImplementedError
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from traitlets.config import Config

from coursegrader.box import tree
from coursegrader.box.inside import chance
from coursegrader.box.inside.footing import Footing
from coursegrader.box.inside.shell import Shell, text
from coursegrader.box.inside.speech import LENGTH_BYTES, Stream, Voice

warm = 0  # modules that were imported before the fork
UNABLE_TO_SPEAK = 70  # exit status of a kernel whose connection to the grader is broken
_LONGEST_TEXT = 1000  # characters of an exception's message in the last frame; the error's own frame has all of it


def refuse_input(*_: object, **__: object) -> NoReturn:
    """Refuse ``input`` in the words of a notebook that is executed."""
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")


def refuse_password(*_: object, **__: object) -> NoReturn:
    """Refuse ``getpass`` in the words of a notebook that is executed."""
    raise StdinNotImplementedError("getpass was called, but this frontend does not support input requests.")


def warm_up() -> None:
    """Do in the process that will be forked what every kernel would have to do: nothing that starts a thread."""
    settings = {
        "HistoryManager": {"enabled": False, "hist_file": ":memory:"},
        "InteractiveShell": {"xmode": "Plain"},  # the others read source files for each error: 50 ms to seconds
        "IPKernelApp": {"in": "a notebook"},  # libraries look for that section to know it
    }
    shell = Shell.instance(config=Config(settings))
    sys.modules["ipykernel.zmqshell"] = types.ModuleType("ipykernel.zmqshell")
    with contextlib.suppress(ImportError):
        importlib.import_module("tqdm.auto")  # it looks for that module to know whether it is in a notebook
    del sys.modules["ipykernel.zmqshell"]
    shell.extension_manager.load_extension("storemagic")
    shell.enable_matplotlib("inline")
    shell.run_cell("1 + 1\npass", store_history=False)
    shell._usual = shell._transformers()
    figure = Figure()
    axes = figure.add_subplot(title="t", xlabel="$x_1$")
    axes.semilogy([1, 10, 100], label="l")
    axes.legend()
    FigureCanvasAgg(figure).print_png(io.BytesIO())  # finds fonts, fills caches


def prepare(descriptor: int) -> Loop:
    """Return the kernel that serves on a socket, with everything in the state in which cells find it."""
    global warm
    chance.begin()
    sys.argv = ["ipykernel_launcher"]
    sys.path = ["", *(path for path in sys.path if tree.readable_in(path))]
    builtins.input, getpass.getpass = refuse_input, refuse_password
    stream = socket.socket(fileno=descriptor)
    voice = Shell.instance().voice = Voice(stream)
    voice.listen_to_descriptors()
    loop = Loop(stream, Shell.instance(), voice)
    loop.give_output(anew=True)
    warm = len(sys.modules)
    return loop


class Loop:
    """Runs what the grader sends, until the grader lets go."""

    def __init__(self, stream: socket.socket, shell: Shell, voice: Voice) -> None:
        self._stream, self._shell, self._voice, self._footing = stream, shell, voice, Footing(shell)
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._context = contextvars.copy_context()

    def serve(self) -> NoReturn:
        """Obey; a kernel that cannot speak any more ends."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._voice.say("ready")
            while True:
                command = self._next()
                self._voice.execution = command["id"]
                self.give_output()
                self._voice.say("begun")
                error = self._obey(command)
                if not self._voice.mine:  # a fork that went on to the end of the cell
                    os._exit(0)
                said = {} if error is None else {"ename": type(error).__name__, "evalue": text(error)[:_LONGEST_TEXT]}
                self._voice.finish(status="ok" if error is None else "error", **said)
        except (OSError, ValueError, KeyError):
            os._exit(UNABLE_TO_SPEAK)

    def give_output(self, *, anew: bool = False) -> None:
        """Put streams where there are none, or where a cell has closed them."""
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            if anew or getattr(getattr(sys, name, None), "closed", True):
                setattr(sys, name, Stream(self._voice, name, descriptor))

    def _obey(self, command: dict[str, Any]) -> BaseException | None:
        """Run code; an interrupt counts while it runs, and not before or after."""
        try:
            with self._footing.under(command):
                try:
                    signal.signal(signal.SIGINT, signal.default_int_handler)
                    return self._loop.run_until_complete(self._execute(command["code"]))
                finally:
                    signal.signal(signal.SIGINT, signal.SIG_IGN)
                    for variable, value in self._context.items():
                        variable.set(value)
        except BaseException as error:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            return error

    async def _execute(self, code: str) -> BaseException | None:
        """Run code; what it does to context variables, as a precision or how numbers are printed, goes on after it."""
        try:
            return await self._shell.execute(code)
        finally:
            self._context = contextvars.copy_context()

    def _next(self) -> dict[str, Any]:
        """Return the next command; what earlier cells left to the event loop goes on meanwhile."""
        while True:
            try:
                self._loop.run_until_complete(self._arrival())
                break
            except OSError:
                raise
            except (
                BaseException
            ):  # what goes on there is student code: it may exit, stop the loop, cancel what it finds
                if self._loop.is_closed():
                    os._exit(UNABLE_TO_SPEAK)
        length = int.from_bytes(self._stream.recv(LENGTH_BYTES, socket.MSG_WAITALL), "big")
        command: dict[str, Any] = json.loads(self._stream.recv(length, socket.MSG_WAITALL) if length else b"")
        return command

    async def _arrival(self) -> None:
        arrived = self._loop.create_future()
        self._loop.add_reader(self._stream, _set, arrived)
        try:
            await arrived
        finally:
            self._loop.remove_reader(self._stream)


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
