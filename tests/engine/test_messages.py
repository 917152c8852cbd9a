"""Taking in what a hostile kernel says, field by field."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from coursegrader.engine.messages import LARGEST_COST, MalformedFrame, cost, output, read, shallow, text

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
FIELDS = ("name", "text", "data", "metadata", "ename", "evalue", "traceback", "transient", "execution_state")


def test_a_frame_is_read():
    raw = b'{"kind": "stream", "id": "abc", "name": "stdout", "text": "hello"}'
    frame = read(raw)
    assert (frame.kind, frame.execution, frame.size) == ("stream", "abc", len(raw))
    assert frame.content["text"] == "hello"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[1]",
        b"{",
        b"null",
        b"\xff",
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
    ids=["nothing", "list", "cut", "null", "not UTF-8", "deep", "long number"],
)
def test_what_is_no_object_is_refused(raw: bytes):
    with pytest.raises(MalformedFrame):
        read(raw)


@pytest.mark.parametrize("wrong", [None, 5, [], {"a": 1}, "x" * 10_000])
def test_kind_and_execution_are_short_texts_whatever_they_were(wrong: Any):
    frame = read(json.dumps({"kind": wrong, "id": wrong}).encode())
    assert isinstance(frame.kind, str)
    assert isinstance(frame.execution, str)
    assert len(frame.kind) + len(frame.execution) < 200


def test_very_many_parts_are_dear_before_they_are_parsed():
    assert cost(b'{"a": [' + b"[]," * 400_000 + b"[]]}") > LARGEST_COST


def test_a_megabyte_that_is_almost_an_image_is_looked_at_in_no_time():
    for almost in (" " * 10**6 + "!", "A" * 10**6 + "!", "=" * 10**6, "A \n" * 300_001 + "="):
        assert output("display", {"data": {"image/png": almost}}) is None


@given(st.sampled_from(["stream", "display", "result", "error", "clear", "x"]), st.data())
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
    found = output("display", {"data": bundle, "metadata": {"image/png": {"width": '1" onload="evil()'}}})
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
