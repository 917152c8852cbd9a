"""Taking in what a hostile kernel says, field by field."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from coursegrader.engine.messages import MalformedMessage, Message, output, read, shallow, text

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
FIELDS = ("name", "text", "data", "metadata", "ename", "evalue", "traceback", "transient", "execution_state")


def frames(kind: Any = "stream", parent: Any = "request", content: Any = None) -> list[bytes]:
    """Return the frames of a message as a kernel sends it."""
    header, origin = {"msg_type": kind}, {"msg_id": parent}
    body = [json.dumps(part).encode() for part in (header, origin, {}, content or {})]
    return [b"topic", b"<IDS|MSG>", b"signature", *body]


def test_a_message_is_read():
    message = read(frames("stream", "abc", {"name": "stdout", "text": "hello"}))
    assert (message.kind, message.parent) == ("stream", "abc")
    assert message.content() == {"name": "stdout", "text": "hello"}


@pytest.mark.parametrize(
    "bad",
    [
        [],
        [b"topic"],
        [b"<IDS|MSG>", b"signature"],
        [b"<IDS|MSG>", b"", b"{}", b"[]", b"{}", b"{}"],
        [b"<IDS|MSG>", b"", b"{", b"{}", b"{}", b"{}"],
        [b"<IDS|MSG>", b"", b"\xff\xfe", b"{}", b"{}", b"{}"],
        [b"<IDS|MSG>", b"", b"[" * 5000, b"{}", b"{}", b"{}"],
        [b"<IDS|MSG>", b"", b'{"msg_type": "' + b"x" * 20_000 + b'"}', b"{}", b"{}", b"{}"],
    ],
)
def test_what_is_no_message_is_refused(bad: list[bytes]):
    with pytest.raises(MalformedMessage):
        read(bad)


@pytest.mark.parametrize(
    "raw",
    [
        b"[1]",
        b"{",
        b"null",
        b"\xff",
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
    ids=["list", "cut", "null", "not UTF-8", "deep", "long number"],
)
def test_content_that_is_no_object_is_refused(raw: bytes):
    with pytest.raises(MalformedMessage):
        Message("stream", "", raw).content()


def test_content_of_very_many_parts_is_not_even_parsed():
    raw = b'{"a": [' + b"[]," * 400_000 + b"[]]}"
    with pytest.raises(MalformedMessage, match="many parts"):
        Message("display_data", "", raw).content()


@given(st.sampled_from(["stream", "display_data", "execute_result", "error", "comm_open", "x"]), st.data())
def test_any_content_gives_a_valid_output_or_none(kind: str, data: st.DataObject):
    content = {name: data.draw(JSON) for name in FIELDS}
    found = output(kind, content)
    if found is not None:
        nbformat.validate(new_notebook(cells=[new_code_cell("", outputs=[found])]))
        nbformat.writes(new_notebook(cells=[new_code_cell("", outputs=[found])])).encode()


def test_only_what_cannot_act_in_a_page_is_kept():
    bundle = {
        "text/plain": "a table",
        "text/html": "<script>evil()</script>",
        "image/svg+xml": "<svg onload='evil()'/>",
        "application/javascript": "evil()",
        "text/latex": "$x$",
        "image/png": "iVBORw0KGgo=\n",
        "image/jpeg": 'x" onerror="evil()',
    }
    found = output("display_data", {"data": bundle, "metadata": {"image/png": {"width": '1" onload="evil()'}}})
    assert found == {
        "output_type": "display_data",
        "data": {"text/plain": "a table", "image/png": "iVBORw0KGgo="},
        "metadata": {},
    }


def test_text_can_be_written_to_any_file():
    assert text("a\ud800b") == "a?b"
    assert text(5) == ""
    assert text("abcdef", 3) == "abc"


def test_what_is_nested_deeply_is_told_from_what_is_not():
    def nested(levels: int) -> Any:
        return json.loads('{"a":' + "[" * levels + "]" * levels + "}")

    assert shallow(nested(30))
    assert not shallow(nested(50))
    assert not shallow(nested(900))
