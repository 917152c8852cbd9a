"""Talking to one real kernel in its box."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from coursegrader.box import forkserver
from coursegrader.engine.conversation import Conversation, ConversationError, Room, Said
from coursegrader.engine.kernel import BoxedKernelManager
from coursegrader.engine.wire import Channel, WireError

FLOOD = 3_000_000
EMIT = "from coursegrader.evidence import evidence\nevidence('a', 5)\nprint('said')"
SEND = "kernel = get_ipython().kernel\nsend = lambda k, c: kernel.session.send(kernel.iopub_socket, k, c, kernel.get_parent())\n"


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
        manager = BoxedKernelManager(variables={"COURSEGRADER_SEED": "s"})
        kernel = await Conversation.begin(manager, FLOOD)
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
    assert 19_000 < left.output < 21_000  # what was cut used up its share
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
        (SEND + "send('status', {'execution_state': 'idle'})\nimport time\ntime.sleep(60)", "protocol_error"),
        (SEND + "kernel.iopub_thread.stop()", "protocol_error"),
        (SEND + "kernel.session.pack = lambda o: b'5'\nsend('stream', {})", "protocol_error"),
        (SEND + "kernel.iopub_socket.send_multipart([b'too', b'short'])", "protocol_error"),
        (SEND + "kernel.iopub_socket.send_multipart([b'<IDS|MSG>', b''] + [bytes(1 << 20)] * 60)", "output_limit"),
        (SEND + "for i in range(100): send('comm_msg', {'data': 'x' * 100_000})", "output_limit"),
    ],
    ids=["only idle", "only a reply", "no object", "no message", "a large message", "many messages"],
)
def test_a_kernel_that_does_not_keep_to_the_protocol(code: str, verdict: str):
    assert said(code).verdict == verdict


def test_messages_for_somebody_else_are_not_heard():
    forged = "kernel.session.send(kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': 'forged'}, {'header': {'msg_id': 'x'}});"
    found = said(SEND + forged)
    assert found.verdict == "ok"
    assert found.outputs == []


def test_a_large_exception_is_still_an_exception():
    found = said("raise ValueError('x' * 600_000)")
    assert found.verdict == "error"


def test_closing_twice_does_no_harm():
    async def talk(kernel: Conversation) -> None:
        await kernel.close()

    with_kernel(talk)


def test_a_kernel_that_was_started_and_cannot_be_spoken_to_is_ended(monkeypatch: pytest.MonkeyPatch):
    async def fail(path: str, kind: str, **limits: int) -> Channel:
        raise WireError("silence")

    async def go() -> BoxedKernelManager:
        manager = BoxedKernelManager()
        monkeypatch.setattr(Channel, "connect", fail)
        with pytest.raises(ConversationError, match="silence"):
            await Conversation.begin(manager, FLOOD)
        return manager

    assert not asyncio.run(go()).has_kernel
