"""Reading from a peer that speaks ZeroMQ well, badly, or without end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import zmq

from coursegrader.engine.wire import Channel, EndlessMessageError, TooLarge, WireError

LIMITS = {"largest": 1000, "endless": 100_000}


@contextmanager
def library(path: Path, kind: int) -> Iterator[zmq.Socket]:
    """Bind a socket of the real library."""
    with zmq.Context() as context, context.socket(kind) as server:
        server.linger = 0
        server.rcvtimeo = 5000
        server.bind(f"ipc://{path}")
        yield server


async def raw_peer(path: Path, sends: bytes) -> asyncio.Server:
    """Listen, and send the same bytes to whoever comes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sends)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return await asyncio.start_unix_server(serve, path)


GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
READY = b"\x04\x06\x05READY"


def received(path: Path, sends: bytes) -> list[bytes] | TooLarge:
    """Return the first message from a peer that sends these bytes after its greeting."""

    async def go() -> list[bytes] | TooLarge:
        async with await raw_peer(path, GREETING + READY + sends):
            channel = await Channel.connect(str(path), "DEALER", **LIMITS)
            try:
                return await asyncio.wait_for(channel.receive(), 5)
            finally:
                channel.close()

    return asyncio.run(go())


def test_a_request_and_its_reply_of_the_real_library(tmp_path: Path):
    with library(tmp_path / "s", zmq.ROUTER) as server:

        def echo() -> None:
            identity, *frames = server.recv_multipart()
            server.send_multipart([identity, *reversed(frames)])

        thread = threading.Thread(target=echo)
        thread.start()

        async def ask() -> list[bytes] | TooLarge:
            channel = await Channel.connect(str(tmp_path / "s"), "DEALER", **LIMITS)
            channel.send([b"one", b"", b"x" * 300])
            reply = await asyncio.wait_for(channel.receive(), 5)
            channel.close()
            return reply

        assert asyncio.run(ask()) == [b"x" * 300, b"", b"one"]
        thread.join()


def test_a_large_message_is_passed_over_and_the_next_one_arrives(tmp_path: Path):
    with library(tmp_path / "s", zmq.XPUB) as server:

        def publish() -> None:
            assert server.recv() == b"\x01"  # the subscription to everything
            server.send_multipart([b"topic", b"y" * 5000])
            server.send_multipart([b"a"] * 200)
            server.send_multipart([b"small"])

        thread = threading.Thread(target=publish)
        thread.start()

        async def hear() -> list[list[bytes] | TooLarge]:
            channel = await Channel.connect(str(tmp_path / "s"), "SUB", **LIMITS)
            heard = [await asyncio.wait_for(channel.receive(), 5) for _ in range(3)]
            channel.close()
            return heard

        large, many, small = asyncio.run(hear())
        thread.join()
        assert isinstance(large, TooLarge)
        assert large.size > 5000
        assert isinstance(many, TooLarge)
        assert small == [b"small"]


@pytest.mark.parametrize(
    "sends",
    [
        b"\x03" + (1 << 62).to_bytes(8, "big") + b"z" * 1000,
        (b"\x03" + (500).to_bytes(8, "big") + b"z" * 500) * 300,
        b"\x01\x00" * 100_000,
        b"\x04\x00" * 100_000,
    ],
    ids=["one frame", "many frames", "many frames of nothing", "many commands"],
)
def test_a_message_without_an_end_is_given_up(tmp_path: Path, sends: bytes):
    with pytest.raises(EndlessMessageError):
        received(tmp_path / "s", sends)


@pytest.mark.parametrize(
    "sends", [b"", b"\x00", b"\x00\x05abc", b"\xff" * 100], ids=["nothing", "half", "cut", "rubbish"]
)
def test_a_peer_that_goes_or_talks_rubbish_is_an_error(tmp_path: Path, sends: bytes):
    with pytest.raises(WireError):
        received(tmp_path / "s", sends)


def test_a_peer_of_another_protocol_is_an_error(tmp_path: Path):
    async def go() -> None:
        async with await raw_peer(tmp_path / "s", b"HTTP/1.1 400 Bad Request\r\n" + b" " * 100):
            await Channel.connect(str(tmp_path / "s"), "SUB", **LIMITS)

    with pytest.raises(WireError, match="greeting"):
        asyncio.run(go())


def test_whoever_sends_faster_than_we_read_has_to_wait(tmp_path: Path):
    frame = b"\x02" + (900).to_bytes(8, "big") + b"q" * 900
    before = psutil.Process().memory_info().rss

    async def go() -> int:
        sent = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            writer.write(GREETING + READY)
            while sent < 200_000_000:
                writer.write(frame * 100)
                await writer.drain()
                sent += len(frame) * 100

        server = await asyncio.start_unix_server(serve, tmp_path / "s")
        channel = await Channel.connect(str(tmp_path / "s"), "SUB", **LIMITS)
        for _ in range(10):
            await channel.receive()
            await asyncio.sleep(0.02)
        channel.close()
        server.close()
        return sent

    assert asyncio.run(go()) < 20_000_000
    assert psutil.Process().memory_info().rss - before < 50_000_000
