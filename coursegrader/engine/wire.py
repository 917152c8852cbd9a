"""How does the grader read from a kernel that may send anything?

One end of a ZeroMQ connection over a unix socket, in ZMTP 3.0 (https://rfc.zeromq.org/spec/23/).
libzmq can limit one frame, but not the number of frames in a message: a kernel that sends a message of a thousand
frames of a few megabytes would make the grader hold all of them. Here a message that is too large is passed over
while it arrives, and whoever sends faster than we read has to wait.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

_MORE, _LONG, _COMMAND = 1, 2, 4
_GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
_CHUNK = 1 << 16
_MAX_FRAMES = 64


@dataclass(frozen=True)
class TooLarge:
    """A message that was passed over.

    Attributes:
        size: Its bytes, as far as they were read.
    """

    size: int


class WireError(Exception):
    """The other side does not keep to the protocol, or has gone."""


class EndlessMessageError(WireError):
    """The other side sends one message that does not end."""


class Channel:
    """A connection to one socket of a kernel.

    Args:
        reader: Where its bytes come from.
        writer: Where ours go.
        largest: Bytes of the largest message that is read.
        endless: Bytes at which a message is not waited for any longer.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, largest: int, endless: int
    ) -> None:
        self._reader, self._writer = reader, writer
        self._largest, self._endless = largest, endless

    @classmethod
    async def connect(cls, path: str, kind: str, *, largest: int, endless: int) -> Channel:
        """Connect to a listening socket as a ``SUB`` (which subscribes to everything) or a ``DEALER``.

        Raises:
            WireError: The other side does not speak the protocol.
        """
        reader, writer = await asyncio.open_unix_connection(path)
        channel = cls(reader, writer, largest=largest, endless=endless)
        writer.write(_GREETING + _frame(_COMMAND, b"\x05READY" + _property("Socket-Type", kind)))
        greeting = await channel._read(len(_GREETING))
        if greeting[:1] + greeting[9:11] != b"\xff\x7f\x03":
            raise WireError("no ZMTP 3 greeting")
        if kind == "SUB":
            writer.write(_frame(0, b"\x01"))
        return channel

    def send(self, frames: list[bytes]) -> None:
        """Send one message."""
        last = len(frames) - 1
        self._writer.write(b"".join(_frame(_MORE if n < last else 0, frame) for n, frame in enumerate(frames)))

    async def receive(self) -> list[bytes] | TooLarge:
        """Return the next message.

        Raises:
            EndlessMessageError: A message is longer than anybody would wait for.
            WireError: The other side has gone.
        """
        frames: list[bytes] = []
        size = 0
        while True:
            flags = (await self._read(1))[0]
            if flags > _MORE | _LONG | _COMMAND:
                raise WireError("no such frame")
            length = int.from_bytes(await self._read(8 if flags & _LONG else 1), "big")
            size += length + 2  # frames of nothing count as well
            if size > self._endless:
                raise EndlessMessageError("a message without an end")
            fits = size <= self._largest and len(frames) < _MAX_FRAMES
            if fits and not flags & _COMMAND:
                frames.append(await self._read(length))
            else:  # too much, or a command: nothing that a kernel's library has to say needs an answer
                await self._skip(length)
            if not fits:
                size = max(size, self._largest + 1)
            if not flags & (_MORE | _COMMAND):
                return frames if fits else TooLarge(size)

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def _read(self, length: int) -> bytes:
        try:
            return await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise WireError("the connection has ended") from error

    async def _skip(self, length: int) -> None:
        while length > 0:
            length -= len(await self._read(min(length, _CHUNK)))


def _frame(flags: int, body: bytes) -> bytes:
    if len(body) < 256:
        return bytes([flags, len(body)]) + body
    return bytes([flags | _LONG]) + len(body).to_bytes(8, "big") + body


def _property(name: str, value: str) -> bytes:
    return bytes([len(name)]) + name.encode() + len(value).to_bytes(4, "big") + value.encode()
