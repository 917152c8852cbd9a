"""How does what a notebook says leave its box?

Everything goes over one stream to the grader, in frames: four bytes of length, then a JSON object of that length::

    {"kind": "begun" | "stream" | "display" | "result" | "clear" | "error" | "done", "id": the execution, ...}

Text waits a moment for more of it. What is written to the descriptors 1 and 2, by libraries in C or by other programs,
is taken in from pipes and put between the other text where it belongs.
"""

from __future__ import annotations

import base64
import codecs
import ctypes
import io
import json
import os
import select
import signal
import socket
import threading
from typing import Any

from coursegrader.evidence import MIME

LENGTH_BYTES = 4
KEPT = (MIME, "text/plain", "image/png", "image/jpeg")  # the grader would throw away the rest
_WAITING = 1 << 16  # characters of text that wait for more
_WAIT_MS = 200
_PIPE_BYTES = 1 << 16
_CATCHABLE = set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}


class Voice:
    """Speaks to the grader for one process, the kernel; what its forks say reaches the grader through the pipes.

    Args:
        stream: The socket to the grader.
    """

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._owner = os.getpid()
        self._lock = threading.RLock()
        self._name, self._texts, self._waiting = "", [""], 0
        self._pipes: dict[int, tuple[str, codecs.IncrementalDecoder]] = {}
        self._ready = select.poll()
        self._flush_c = ctypes.CDLL(None).fflush
        self.execution = ""  # which one it is that we speak of

    @property
    def mine(self) -> bool:
        """Whether this is the kernel and not a fork of it."""
        return os.getpid() == self._owner

    def listen_to_descriptors(self) -> None:
        """Take over the descriptors 1 and 2, and start the thread that hears what is written there."""
        for number, name in ((1, "stdout"), (2, "stderr")):
            reader, writer = os.pipe()  # the writer stays open: otherwise who closes 1 and 2 would hang up on us
            os.set_blocking(reader, False)
            os.dup2(writer, number)
            self._pipes[reader] = name, codecs.getincrementaldecoder("utf-8")("replace")
            self._ready.register(reader, select.POLLIN)
        threading.Thread(target=self._listen, daemon=True, name="output").start()

    def _listen(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, _CATCHABLE)  # they are for the thread that runs the cells
        heard = select.poll()  # one of its own: two threads cannot wait on the same
        for reader in self._pipes:
            heard.register(reader, select.POLLIN)
        while not any(event & select.POLLNVAL for _, event in heard.poll(_WAIT_MS)):
            self.flush()

    def write(self, name: str, descriptor: int, text: str) -> None:
        """Say text, as ``print`` does; it may wait for more."""
        if not self.mine:
            os.write(descriptor, text.encode("utf-8", "replace"))
            return
        with self._lock:
            self._take_in()
            self._add(name, text)

    def _take_in(self) -> None:
        """Put what was written to the pipes behind what was said before; a pipe holds no more than is read at once."""
        for reader, _ in self._ready.poll(0):
            name, decoder = self._pipes[reader]
            try:
                self._add(name, decoder.decode(os.read(reader, _PIPE_BYTES)))
            except OSError:  # somebody closed it
                self._ready.unregister(reader)

    def _add(self, name: str, text: str) -> None:
        if name != self._name:
            self._send_text()
            self._name = name
        self._texts.append(text)
        self._waiting += len(text)
        if self._waiting > _WAITING:
            self._send_text()

    def _send_text(self) -> None:
        text, self._texts, self._waiting = "".join(self._texts), [], 0
        for start in range(0, len(text), _WAITING):
            self._send({"kind": "stream", "name": self._name, "text": text[start : start + _WAITING]})

    def flush(self) -> None:
        """Let no text wait any longer."""
        if self.mine:
            with self._lock:
                self._take_in()
                self._send_text()

    def say(self, kind: str, **content: Any) -> None:
        """Send one frame, behind all text that came before; a fork of the kernel cannot."""
        if self.mine:
            with self._lock:
                self.flush()
                self._send({"kind": kind, **content})

    def show(self, kind: str, data: dict[str, Any], **more: Any) -> None:
        """Send what an object looks like; of all ways to show it those that the grader keeps."""
        kept = {mime: data[mime] for mime in KEPT if mime in data}
        for mime, value in kept.items():
            if isinstance(value, bytes):
                kept[mime] = base64.b64encode(value).decode("ascii")
        if not self.mine and "text/plain" in kept:
            os.write(1, f"{kept['text/plain']}\n".encode("utf-8", "replace"))
        elif kept:
            self.say(kind, data=kept, **more)

    def finish(self, **content: Any) -> None:
        """Say how the execution ended, after everything that C libraries kept back."""
        self._flush_c(None)
        self.say("done", **content)

    def _send(self, content: dict[str, Any]) -> None:
        frame = json.dumps({**content, "id": self.execution}).encode("ascii")
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _CATCHABLE)  # an interrupt must not cut a frame in two
        try:
            self._stream.sendall(len(frame).to_bytes(LENGTH_BYTES, "big") + frame)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Stream(io.TextIOBase):
    """What ``sys.stdout`` and ``sys.stderr`` are in a kernel."""

    encoding = "UTF-8"
    errors = "strict"

    def __init__(self, voice: Voice, name: str, descriptor: int) -> None:
        super().__init__()
        self._voice, self.name, self._descriptor = voice, name, descriptor

    def writable(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Return False."""
        return False

    def fileno(self) -> int:
        """Return the descriptor on which other programs can say the same."""
        return self._descriptor

    def write(self, text: str) -> int:
        """Say text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._voice.write(self.name, self._descriptor, text)
        return len(text)

    def flush(self) -> None:
        """Let no text wait any longer."""
        self._voice.flush()
