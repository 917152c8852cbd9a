"""What is kept of what a kernel says, and when is it enough?

Everything that is kept has a price: its bytes, and a fixed part that covers what an object costs besides; and of
everything there is a largest number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode, from_dict

from coursegrader.engine import messages
from coursegrader.engine.messages import Frame
from coursegrader.evidence import MIME

FRAME = 250  # bytes that a frame counts besides its own, whether anything of it is kept or not
OUTPUT = 1_000  # bytes that an output, or a piece of evidence, costs besides its content
PIECE = 100  # bytes that a line of a traceback, or a piece of a stream, costs besides its text
MOST_RECORDS = 2_000  # pieces of evidence of one execution
LONGEST_NAME = 100  # characters of the name under which a display may be updated
LONGEST_RESULT = 50  # characters of what an execution ended with, that are enough for any number
_CUT = "\n[the rest of the output was cut]\n"


@dataclass
class Room:
    """How much of what a kernel says is kept, in bytes.

    Attributes:
        output: Of output, in one notebook.
        one_output: Of output, in one execution.
        evidence: Of evidence, in one notebook, as large as it is in memory; one execution may take half of what is left.
        flood: Of frames, in one execution; then it is stopped.
    """

    output: int
    one_output: int
    evidence: int
    flood: int


class Record:
    """What is kept of one execution.

    Args:
        room: How much may be kept; what is kept is taken off.
        evidence: Whether evidence counts.

    Attributes:
        result: What the last line gave, as text, whether there was room to show it or not.
        complained: Whether something came on standard error before that.
    """

    def __init__(self, room: Room, evidence: bool) -> None:
        self.room, self.evidence = room, evidence
        self.outputs: list[NotebookNode] = []
        self.records: list[dict[str, Any]] = []
        self.result, self.complained = "", False
        self._evidence = room.evidence / 2 if evidence else 0  # the questions below must have room, too
        self._heard = 0
        self._most = self._left = min(room.output, room.one_output)
        self._pieces: list[str] = []  # of the last output, if that is a stream
        self._full = False  # whether something had to be left out
        self._stale = False  # whether the next output takes the place of all before it
        self._displays: dict[str, list[NotebookNode]] = {}  # by the name under which they may be updated
        self._paid: dict[int, int] = {}  # for each of these

    def flooded(self, length: int) -> bool:
        """Count a frame; say whether it is time to stop."""
        self._heard += length + FRAME
        return self._heard > self.room.flood

    def take(self, frame: Frame) -> None:
        """Keep what is worth keeping of a frame."""
        data = frame.content.get("data")
        update = frame.content.get("update")
        if self.evidence and frame.kind == "display" and not update and isinstance(data, dict) and MIME in data:
            self._emit(data[MIME], frame.cost)
        elif frame.kind == "clear":
            self._stale = True
            if not frame.content.get("wait"):
                self._clear()
        elif (output := messages.output(frame.kind, frame.content)) is not None:
            if self._stale:
                self._clear()
            self._note(frame.kind, output)
            self._keep(output, frame)

    def _emit(self, record: Any, cost: int) -> None:
        cost += OUTPUT
        if cost > self._evidence or len(self.records) >= MOST_RECORDS:
            return
        self._evidence -= cost
        self.room.evidence -= cost
        if isinstance(record, dict) and messages.shallow(record):
            self.records.append(record)

    def _note(self, kind: str, output: NotebookNode) -> None:
        if kind == "result":
            self.result = self.result or output.data.get("text/plain", "")[:LONGEST_RESULT]
        elif kind == "stream" and output.name == "stderr" and output.text:
            self.complained = self.complained or not self.result

    def _clear(self) -> None:
        self.result, self.complained = "", False
        self._stale = self._full = False
        self.outputs, self._pieces, self._displays, self._paid = [], [], {}, {}
        self._left = self._most

    def cut(self) -> None:
        """Leave out something that is too large, and all that comes after it."""
        if not self._full:
            self._append(from_dict({"output_type": "stream", "name": "stderr", "text": _CUT}))
            self._full = True

    def _keep(self, output: NotebookNode, frame: Frame) -> None:
        shows = "data" in output  # a stream or an error has no name, whatever the frame says
        name = messages.text(frame.content.get("display"), LONGEST_NAME) if shows else ""
        if shows and frame.content.get("update"):
            self._update(self._displays.get(name, []), output, frame.size)
        elif self._pays(frame.size + self._extra(output)):
            self._append(output)
            if name:
                self._displays.setdefault(name, []).append(output)
                self._paid[id(output)] = frame.size

    def _update(self, shown: list[NotebookNode], output: NotebookNode, size: int) -> None:
        """Replace what displays of this execution show; those of earlier ones stay as they were."""
        for display in shown:
            if not self._pays(size - self._paid[id(display)]):
                return
            self._paid[id(display)] = size
            display.data = output.data

    def _pays(self, price: int) -> bool:
        if self._full or price > self._left:
            self.cut()
            return False
        self._left -= price
        return True

    def _extra(self, output: NotebookNode) -> int:
        """Return what an output costs besides its text; a piece of a stream is none of its own."""
        if self._goes_on(output):
            return PIECE
        return OUTPUT + PIECE * len(output.get("traceback", ()))

    def _goes_on(self, output: NotebookNode) -> bool:
        last = self.outputs[-1] if self.outputs else None
        return last is not None and output.output_type == "stream" and last.get("name") == output.name

    def _append(self, output: NotebookNode) -> None:
        """Append an output; pieces of one stream become one output."""
        if self._goes_on(output):
            self._pieces.append(output.text)
            return
        self._join()
        self.outputs.append(output)

    def _join(self) -> None:
        if self._pieces:
            self.outputs[-1].text += "".join(self._pieces)
            self._pieces = []

    def close(self) -> tuple[list[NotebookNode], list[dict[str, Any]]]:
        """Return outputs and evidence, and take what was kept off the room."""
        self._join()
        self.room.output -= self._most if self._full else self._most - self._left
        return self.outputs, self.records
