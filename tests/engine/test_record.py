"""What is kept of a kernel's talk has a price, and there is a largest number of everything."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from coursegrader.engine.messages import read
from coursegrader.engine.record import MOST_RECORDS, Record, Room
from coursegrader.evidence import MIME

PNG = "iVBORw0KGgo="


def record(output: int = 100_000, *, evidence: bool = True, **more: int) -> Record:
    return Record(
        Room(**{"output": 10 * output, "one_output": output, "evidence": 10**6, "flood": 10**6, **more}), evidence
    )


def take(kept: Record, kind: str, **content: Any) -> None:
    kept.take(read(json.dumps({"kind": kind, "id": "x", **content}).encode()))


def shown(kept: Record) -> list[str]:
    """Return the text of every output."""
    return [output.get("text") or output.get("ename") or output.data["text/plain"] for output in kept.close()[0]]


def size(value: Any) -> int:
    """Return bytes of memory, as far as a plain walk finds them."""
    inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return sys.getsizeof(value) + sum(map(size, inner))


WORST = {
    "empty errors": ("error", {}),
    "errors of many lines": ("error", {"traceback": ["", ""] * 300}),
    "errors of one long line": ("error", {"evalue": "x" * 30_000, "traceback": ["\n" * 30_000]}),
    "empty displays": ("display", {"data": {"text/plain": ""}}),
    "empty streams": ("stream", {}),
    "displays that may be updated": ("display", {"data": {"text/plain": ""}, "display": "y" * 90}),
}


@pytest.mark.parametrize("name", WORST)
def test_memory_grows_no_faster_than_the_price_that_is_paid(name: str):
    kind, content = WORST[name]
    kept = record(1_000_000, flood=10**9)
    for number in range(20_000):
        take(kept, kind, **{**content, "name": ("stdout", "stderr")[number % 2]})
    outputs, _ = kept.close()
    assert size(outputs) < 3_000_000
    assert outputs[-1].text.endswith("was cut]\n")


def test_evidence_has_a_price_and_a_largest_number():
    kept = record()
    for number in range(20_000):
        take(kept, "display", data={MIME: {"name": str(number)}})
    assert 100 < len(kept.records) < 1000
    assert 0 <= kept.room.evidence - 500_000 < 2000  # the other half is for the questions below
    again = Record(kept.room, True)
    for number in range(20_000):
        take(again, "display", data={MIME: {"name": str(number)}})
    assert 0 <= kept.room.evidence - 250_000 < 2000
    kept = Record(Room(output=0, one_output=0, evidence=10**9, flood=10**6), True)
    for _ in range(MOST_RECORDS + 5):
        take(kept, "display", data={MIME: {}})
    assert len(kept.records) == MOST_RECORDS


def test_evidence_is_kept_that_every_function_can_walk_through():
    def nested(depth: int) -> list[Any]:
        return [nested(depth - 1)] if depth else []

    kept = record()
    for value in ("text", nested(20), nested(60), [], None):
        take(kept, "display", data={MIME: {"value": value}})
    take(kept, "display", data={MIME: ["no record"]})
    assert kept.records == [{"value": "text"}, {"value": nested(20)}, {"value": []}, {"value": None}]


def test_frames_count_although_nothing_is_in_them():
    kept = record(flood=1000)
    assert [kept.flooded(0) for _ in range(5)] == [False, False, False, False, True]


def test_what_is_cleared_is_not_kept_and_costs_nothing():
    kept = record()
    for number in range(1000):
        take(kept, "clear", wait=True)
        take(kept, "stream", name="stdout", text=f"{number}\n")
    assert shown(kept) == ["999\n"]
    assert kept.room.output > 990_000


def test_clearing_waits_if_it_is_asked_to():
    kept = record()
    take(kept, "stream", name="stdout", text="a")
    take(kept, "clear", wait=True)
    assert shown(kept) == ["a"]
    take(kept, "clear")
    assert shown(kept) == []


def test_a_display_is_replaced_where_it_stands():
    kept = record()
    take(kept, "display", data={"text/plain": "1"}, display="h")
    take(kept, "stream", name="stdout", text="between")
    for number in range(5000):
        take(kept, "display", data={"text/plain": f"{number:050}"}, display="h", update=True)
    take(kept, "display", data={"text/plain": "nobody"}, display="other", update=True)
    assert shown(kept) == [f"{4999:050}", "between"]


def test_pieces_of_a_stream_cost_more_than_their_text():
    kept = record(100_000)
    for _ in range(2_000):
        take(kept, "stream", name="stdout", text="x")
    first, last = shown(kept)
    assert 0 < len(first) < 1_000
    assert last.endswith("was cut]\n")


def test_what_takes_the_place_of_displays_is_paid_for_in_each_of_them():
    kept = record(100_000)
    for _ in range(200):
        take(kept, "display", data={"text/plain": ""}, display="h")
    take(kept, "display", data={"text/plain": "x" * 5_000}, display="h", update=True)
    texts = shown(kept)
    assert sum(map(len, texts)) < 100_000
    assert texts[-1].endswith("was cut]\n")


def test_a_smaller_display_gives_back_what_it_does_not_need():
    kept = record(100_000)
    for number in range(50):
        take(kept, "display", data={"text/plain": "x" * 60_000}, display="h", update=number > 0)
        take(kept, "display", data={"text/plain": "x"}, display="h", update=True)
    assert shown(kept) == ["x"]
    assert kept.room.output > 990_000


def test_a_stream_or_an_error_that_claims_to_update_a_display_is_only_itself():
    kept = record()
    take(kept, "display", data={"text/plain": "shown"}, display="a")
    take(kept, "stream", name="stdout", text="said", display="a", update=True)
    take(kept, "error", ename="Odd", display="a", update=True)
    take(kept, "display", data={"text/plain": "changed"}, display="a", update=True)
    assert shown(kept) == ["changed", "said", "Odd"]


@pytest.mark.parametrize("kind", ["display", "result"])
def test_a_picture_is_kept_and_evidence_shows_only_its_text(kind: str):
    kept = record(evidence=False)
    take(kept, kind, data={"image/png": PNG, "text/plain": "a figure", MIME: {"name": "a"}})
    ((output,), records) = kept.close()
    assert output.data == {"image/png": PNG, "text/plain": "a figure"}
    assert records == []
