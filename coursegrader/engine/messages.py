"""What may be kept of a message from a kernel that student code runs in?

A message is parsed only if it cannot become large in memory, and output is made anew from the few fields and kinds
of data that a person needs to see; nothing in it can act when a page shows it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode, from_dict

_DELIMITER = b"<IDS|MSG>"
_HEADER = 10_000  # bytes of a header
_NODE = 100  # bytes of memory that a comma or a bracket costs, at most
_LARGEST = 30_000_000  # bytes of memory that a parsed message may take
_LARGEST_ERROR = 20_000  # characters of an error's name, message and traceback
_IMAGES = ("image/png", "image/jpeg")


class MalformedMessage(Exception):  # noqa: N818 -- said in the word that the verdict uses
    """A message that no kernel's library would send."""


@dataclass(frozen=True)
class Message:
    """The fields of a message that the grader looks at.

    Attributes:
        kind: ``status``, ``stream``, ``execute_reply`` ...
        parent: Id of the request it belongs to.
        raw: Its content, not parsed yet.
    """

    kind: str
    parent: str
    raw: bytes

    @property
    def cost(self) -> int:
        """Bytes of memory that the parsed content takes, at most."""
        return len(self.raw) + _NODE * sum(map(self.raw.count, (b",", b"[", b"{")))

    def content(self) -> dict[str, Any]:
        """Parse the content.

        Raises:
            MalformedMessage: It is not a JSON object, or one that would fill our memory.
        """
        if self.cost > _LARGEST:
            raise MalformedMessage("too many parts")
        return _object(self.raw)


def read(frames: list[bytes]) -> Message:
    """Take a message apart; its signature proves nothing, because student code can read the key.

    Raises:
        MalformedMessage: It is not one.
    """
    try:
        start = frames.index(_DELIMITER)
        header, parent, content = frames[start + 2], frames[start + 3], frames[start + 5]
    except (ValueError, IndexError) as error:
        raise MalformedMessage("parts are missing") from error
    if len(header) + len(parent) > _HEADER:
        raise MalformedMessage("a header without an end")
    return Message(str(_object(header).get("msg_type")), str(_object(parent).get("msg_id")), content)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        data = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedMessage(f"not JSON ({type(error).__name__})") from error
    if not isinstance(data, dict):
        raise MalformedMessage("not an object")
    return data


def text(value: Any, largest: int | None = None) -> str:
    """Return a value as text that every file and every terminal can take; an empty one for what is no text."""
    if not isinstance(value, str):
        return ""
    return value[:largest].encode("utf-8", "replace").decode("utf-8")


def shallow(value: Any, levels: int = 40) -> bool:
    """Say whether data is nested so little that every function can walk through it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(shallow(item, levels - 1) for item in inner)


def output(kind: str, content: dict[str, Any]) -> NotebookNode | None:
    """Return the notebook output that stands for a message, or None if there is nothing to show.

    HTML, SVG, scripts, widgets and every kind of metadata are left out: they would act in a grader's browser.
    """
    if kind == "stream":
        name = "stderr" if content.get("name") == "stderr" else "stdout"
        return from_dict({"output_type": "stream", "name": name, "text": text(content.get("text"))})
    if kind == "error":
        return error_output(content)
    if kind not in ("display_data", "execute_result"):
        return None
    bundle = content.get("data")
    given = bundle if isinstance(bundle, dict) else {}
    data = {mime: given[mime].strip() for mime in _IMAGES if _is_base64(given.get(mime))}
    if isinstance(given.get("text/plain"), str):
        data["text/plain"] = text(given["text/plain"])
    return from_dict({"output_type": "display_data", "data": data, "metadata": {}}) if data else None


def error_output(content: dict[str, Any]) -> NotebookNode:
    """Return the notebook output that stands for an exception."""
    lines = content.get("traceback")
    trace = "\n".join(text(line) for line in lines) if isinstance(lines, list) else ""
    return from_dict(
        {
            "output_type": "error",
            "ename": text(content.get("ename"), 200),
            "evalue": text(content.get("evalue"), _LARGEST_ERROR),
            "traceback": trace[:_LARGEST_ERROR].split("\n"),
        }
    )


def _is_base64(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(base64.b64decode("".join(value.split()), validate=True))
    except ValueError:
        return False
