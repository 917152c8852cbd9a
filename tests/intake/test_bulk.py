"""Very large files, read by a process of its own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import psutil
import pytest

from coursegrader.intake.reading.bulk import LARGE, salvage, slim
from coursegrader.intake.reading.cells import parse, source_of

CELL = {"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1", "execution_count": 5}


def notebook(megabytes: int, **more: object) -> bytes:
    """Return a notebook whose outputs are so large."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": "spam " * 200_000} for _ in range(megabytes)]
    return json.dumps({"nbformat": 4, "cells": [{**CELL, "outputs": outputs}, {**CELL, "id": "b"}], **more}).encode()


def read(path: Path, raw: bytes):
    """Write a file and have it read."""
    path.write_bytes(raw)
    with path.open("rb") as file:
        return slim(file.fileno())


def test_outputs_are_left_out_and_the_rest_is_kept(tmp_path: Path):
    raw = notebook(40)
    before = psutil.Process().memory_info().rss
    found = read(tmp_path / "n.ipynb", raw)
    assert found is not None
    assert psutil.Process().memory_info().rss - before < 20_000_000
    assert found.digest == hashlib.sha256(raw).hexdigest()
    assert not found.damaged
    cells, findings = parse(found.raw, "n.ipynb")
    assert cells == [{key: CELL[key] for key in ("cell_type", "metadata", "source")} | {"id": name} for name in "ab"]
    assert findings == []


def test_whole_cells_of_a_damaged_file_are_kept(tmp_path: Path):
    found = read(tmp_path / "n.ipynb", notebook(5)[:-20])
    assert found is not None
    assert found.damaged
    assert [source_of(cell) for cell in parse(found.raw, "n.ipynb")[0]] == ["x = 1"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_are_read(tmp_path: Path, encoding: str):
    found = read(tmp_path / "n.ipynb", notebook(3).decode().encode(encoding))
    assert found is not None
    assert len(parse(found.raw, "n.ipynb")[0]) == 2


@pytest.mark.parametrize(
    "raw",
    [
        b'{"cells": [{"cell_type": "code", "source": [' + b"[]," * 12_000_000 + b"0]}]}",
        json.dumps({"cells": [{**CELL, "source": "y" * 2 * LARGE}]}).encode(),
    ],
    ids=["very many lists", "a very long cell"],
)
def test_what_is_large_even_so_is_refused_and_costs_us_no_memory(tmp_path: Path, raw: bytes):
    before = psutil.Process().memory_info().rss
    assert read(tmp_path / "n.ipynb", raw) is None
    assert psutil.Process().memory_info().rss - before < 20_000_000


def test_looking_for_cells_ends_soon_in_a_file_that_only_begins_them():
    assert salvage('[{"cell_type": ' * 300_000) == []


def test_what_needs_too_much_memory_is_given_up(tmp_path: Path):
    few, many = (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "outputs": [' + b"[]," * n + b"1]}]}"
                 for n in (10**6, 2 * 10**7))  # fmt: skip
    assert read(tmp_path / "few.ipynb", few) is not None
    assert read(tmp_path / "many.ipynb", many) is None


def test_a_cell_inside_of_a_cell_is_no_cell_of_its_own():
    outer = {**CELL, "metadata": {"kept": [{**CELL, "source": "inner"}]}, "source": "outer"}
    assert salvage(json.dumps({"cells": [outer, CELL]})[:-5]) == [outer]
