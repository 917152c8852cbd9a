"""Talking to one real kernel in its box."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from coursegrader.box import forkserver
from coursegrader.engine import conversation
from coursegrader.engine.conversation import Conversation, ConversationError, Said
from coursegrader.engine.kernel import Kernel, Wanted
from coursegrader.engine.messages import MalformedFrame
from coursegrader.engine.record import Room

FLOOD = 3_000_000
EMIT = "from coursegrader.evidence import evidence\nevidence('a', 5)\nprint('said')"
SEND = """
import json, os, time
voice = get_ipython().voice
def raw(data): voice._stream.sendall(len(data).to_bytes(4, "big") + data)
def send(kind, **content): raw(json.dumps({"kind": kind, "id": voice.execution, **content}).encode())
"""


@pytest.fixture(scope="module", autouse=True)
def _no_server_is_left():
    yield
    forkserver.close()


def room(**more: int) -> Room:
    """Return plenty of room."""
    return Room(**{"output": 100_000, "one_output": 50_000, "evidence": 100_000, "flood": FLOOD, **more})


def with_kernel(talk: Callable[[Conversation], Awaitable[Any]]) -> Any:
    """Start a kernel, talk to it, end it."""

    async def go() -> Any:
        kernel = await Conversation.begin(Wanted(variables={"COURSEGRADER_SEED": "s"}), FLOOD)
        try:
            return await talk(kernel)
        finally:
            await kernel.close()
            assert not kernel.alive

    return asyncio.run(go())


def said(code: str, seconds: float = 10, **more: Any) -> Said:
    """Return what a fresh kernel says to one piece of code."""
    return with_kernel(lambda kernel: kernel.execute(code, seconds, room(), **more))


def test_one_piece_of_code_after_the_other():
    async def talk(kernel: Conversation) -> list[Said]:
        return [await kernel.execute(code, 10, room()) for code in ("x = 1", "x + 1", "print(x)", "1 / 0", "x")]

    first, value, text, error, last = with_kernel(talk)
    assert [each.verdict for each in (first, value, text, error, last)] == ["ok", "ok", "ok", "error", "ok"]
    assert value.outputs[0].data == {"text/plain": "2"}
    assert text.outputs == [{"output_type": "stream", "name": "stdout", "text": "1\n"}]
    assert error.error == "ZeroDivisionError: division by zero"


def test_evidence_is_kept_only_where_it_counts():
    assert said(EMIT).records == []
    found = said(EMIT, evidence=True)
    assert [record["name"] for record in found.records] == ["a"]
    assert [output.text for output in found.outputs] == ["said\n"]


def test_what_is_kept_is_taken_off_the_room():
    async def talk(kernel: Conversation) -> tuple[Room, Said]:
        left = room()
        await kernel.execute("print('x' * 30_000)", 10, left)
        await kernel.execute(EMIT, 10, left, evidence=True)
        return left, await kernel.execute("print('y' * 90_000)", 10, left)

    left, large = with_kernel(talk)
    assert 17_000 < left.output < 20_000  # what was cut used up its share, and each output costs something
    assert 90_000 < left.evidence < 100_000
    assert "was cut" in large.outputs[0].text


def test_too_much_evidence_is_left_out():
    found = with_kernel(
        lambda kernel: kernel.execute(
            EMIT + "\nevidence('b', 'x' * 90_000)\nevidence('c', 1)", 10, room(evidence=20_000), evidence=True
        )
    )
    assert [record["name"] for record in found.records] == ["a", "c"]


def test_an_interrupt_leaves_the_kernel_as_it_was():
    async def talk(kernel: Conversation) -> tuple[Said, Said]:
        return await kernel.execute("x = 5\nwhile True: pass", 1, room()), await kernel.execute("print(x)", 10, room())

    late, after = with_kernel(talk)
    assert late.verdict == "timeout"
    assert after.outputs[0].text == "5\n"


def test_what_was_said_just_before_the_end_is_heard():
    found = said("import os, time\nprint('last words', flush=True)\ntime.sleep(0.3)\nos._exit(4)")
    assert found.verdict == "kernel_died:exit 4"
    assert found.outputs[0].text == "last words\n"


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("voice.finish = lambda **_: None", "timeout"),
        ("raw(b'[5]')", "protocol_error"),
        ("raw(b'{nothing')", "protocol_error"),
        ("raw(b'[' * 500_000 + b']' * 500_000)", "ok"),  # it would fill our memory: not even parsed
        ("raw(b'[' * 100_000 + b']' * 100_000)", "protocol_error"),
        ("raw(b'\\xff\\xfe')", "protocol_error"),
        ("raw(b'')", "protocol_error"),
        ("voice._stream.sendall(b'\\xff' * 4096)", "protocol_error"),
        ("voice._stream.shutdown(1); time.sleep(60)", "protocol_error"),
        ("voice._stream.sendall(b'\\x00\\x00\\x10\\x00' + b'half of a frame'); os._exit(3)", "kernel_died:exit 3"),
        ("voice._stream.sendall(b'\\x00\\x00\\x10\\x00' + b'{'); time.sleep(60)", "timeout"),
        ("os.close(voice._stream.fileno())", "kernel_died:exit 70"),
        ("voice._stream.sendall((60 << 20).to_bytes(4, 'big') + bytes(60 << 20))", "output_limit"),
        ("for i in range(100): send('nothing', data='x' * 100_000)", "output_limit"),
        ("while True: raw(b'{}')", "output_limit"),
        ("while True: send('clear')", "output_limit"),
        ("while True: send('begun')", "output_limit"),
    ],
)  # fmt: skip
def test_a_kernel_that_does_not_keep_to_the_protocol(code: str, verdict: str):
    assert said(f"{SEND}{code}", seconds=3).verdict == verdict


def test_who_pretends_to_have_ended_is_found_out_by_the_next_execution():
    async def talk(kernel: Conversation) -> list[str]:
        forge = f"{SEND}send('done', status='ok')\nsend('done', status='ok')\ntime.sleep(60)"
        return [(await kernel.execute(code, 1, room())).verdict for code in (forge, "1")]

    assert with_kernel(talk) == ["ok", "protocol_error"]


def test_what_comes_after_the_end_is_heard_by_nobody():
    late = f"""{SEND}
import threading
MIME = 'application/vnd.coursegrader.evidence+json'
def forge():
    time.sleep(0.3)
    for name in range(3):
        raw(json.dumps({{'kind': 'display', 'id': ours, 'data': {{MIME: {{'name': str(name)}}}}}}).encode())
        raw(json.dumps({{'kind': 'done', 'id': ours, 'status': 'error', 'ename': 'Forged'}}).encode())
ours = voice.execution
threading.Thread(target=forge).start()"""

    async def talk(kernel: Conversation) -> list[Said]:
        first = await kernel.execute(late, 10, room(), evidence=True)
        return [first, await kernel.execute("import time\ntime.sleep(1)", 10, room(), evidence=True)]

    for each in with_kernel(talk):
        assert (each.verdict, each.records, each.outputs) == ("ok", [], [])


def test_what_comes_in_one_piece_with_the_end_is_not_heard():
    frames = """[
        {"kind": "done", "id": voice.execution, "status": "ok"},
        {"kind": "stream", "id": voice.execution, "name": "stdout", "text": "forged"},
        {"kind": "done", "id": voice.execution, "status": "error", "ename": "Forged"},
    ]"""
    join = f"for frame in {frames}:\n    data = json.dumps(frame).encode()\n    sent += len(data).to_bytes(4, 'big') + data"
    found = said(f"{SEND}\nsent = b''\n{join}\nvoice._stream.sendall(sent)")
    assert (found.verdict, found.error, found.outputs) == ("ok", "", [])


def test_frames_for_somebody_else_are_not_heard():
    forged = (
        "{'kind': 'stream', 'id': 'x', 'name': 'stdout', 'text': 'forged'}",
        "{'kind': 'done', 'status': 'error'}",
    )
    found = said(SEND + "\n".join(f"raw(json.dumps({frame}).encode())" for frame in forged))
    assert found.verdict == "ok"
    assert found.outputs == []


def test_a_large_exception_is_still_an_exception():
    found = said("raise ValueError('x' * 600_000)")
    assert found.verdict == "error"


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        ("OSError(28, 'No space left on device')", "disk_limit"),
        ("BlockingIOError(11, 'Resource temporarily unavailable')", "process_limit"),
        ("MemoryError()", "memory_limit"),
        ("OSError(2, 'No such file or directory')", "error"),
    ],
)
def test_an_exception_that_tells_of_a_limit_of_the_box_says_which(error: str, verdict: str):
    assert said(f"raise {error}").verdict == verdict


def test_closing_twice_does_no_harm():
    async def talk(kernel: Conversation) -> None:
        await kernel.close()

    with_kernel(talk)


def test_a_kernel_that_was_started_and_cannot_be_spoken_to_is_ended(monkeypatch: pytest.MonkeyPatch):
    async def fail(_: object) -> None:
        raise MalformedFrame("silence")

    ended = []
    end = Kernel.end

    async def note(self: Kernel, **how: bool) -> None:
        await end(self, **how)
        ended.append(self.verdict)

    async def go() -> None:
        monkeypatch.setattr(conversation, "_greeting", fail)
        monkeypatch.setattr(Kernel, "end", note)
        with pytest.raises(ConversationError, match="silence"):
            await Conversation.begin(Wanted(), FLOOD)

    asyncio.run(go())
    assert ended == ["ended"]
