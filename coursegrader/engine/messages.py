"""What may be kept of what a kernel says that student code runs in?

A frame is parsed only if it cannot become large in memory, and output is made anew from the few fields and kinds of
data that a person needs to see; nothing in it can act when a page shows it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode, from_dict

_NODE = 100  # bytes of memory that a comma or a bracket costs, at most
LARGEST_COST = 12_000_000  # bytes of memory that a parsed frame may take; more evidence is never kept
_LARGEST_ERROR = 20_000  # characters of an error's name, message and traceback
_MOST_LINES = 500  # of a traceback
_IMAGES = ("image/png", "image/jpeg")


class MalformedFrame(Exception):  # noqa: N818 -- said in the word that the verdict uses
    """A frame that no kernel of ours would send."""


@dataclass(frozen=True)
class Frame:
    """One thing that a kernel says.

    Attributes:
        kind: ``stream``, ``display``, ``done`` ...
        execution: Id of the execution it belongs to.
        content: Its fields; whoever forged it chose them.
        size: Its bytes.
        cost: Bytes of memory that the content takes, at most.
    """

    kind: str
    execution: str
    content: dict[str, Any]
    size: int
    cost: int


def cost(raw: bytes) -> int:
    """Return how many bytes of memory the content of a frame takes, at most."""
    return len(raw) + _NODE * sum(map(raw.count, (b",", b"[", b"{")))


def read(raw: bytes) -> Frame:
    """Take a frame apart.

    Raises:
        MalformedFrame: It is not a JSON object.
    """
    try:
        content = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedFrame(f"not JSON ({type(error).__name__})") from error
    if not isinstance(content, dict):
        raise MalformedFrame("not an object")
    return Frame(text(content.get("kind"), 20), text(content.get("id"), 100), content, len(raw), cost(raw))


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
    """Return the notebook output that stands for a frame, or None if there is nothing to show.

    HTML, SVG, scripts, widgets and every kind of metadata are left out: they would act in a grader's browser.
    """
    if kind == "stream":
        name = "stderr" if content.get("name") == "stderr" else "stdout"
        return from_dict({"output_type": "stream", "name": name, "text": text(content.get("text"))})
    if kind == "error":
        return error_output(content)
    if kind not in ("display", "result"):
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
            "traceback": trace[:_LARGEST_ERROR].split("\n", _MOST_LINES),
        }
    )


def _is_base64(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(base64.b64decode("".join(value.split()), validate=True))
    except ValueError:
        return False
