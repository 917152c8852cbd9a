"""Which cells can be read out of a handed-in file, however it was damaged?"""

from __future__ import annotations

import json
from typing import Any

from coursegrader.errors import IngestError
from coursegrader.intake.reading import bulk
from coursegrader.model import Finding

Cell = dict[str, Any]
MAX_PARTS = 2_000_000  # brackets: each may cost 200 bytes of memory
MAX_CELLS = 2_000


def parse(raw: bytes, name: str) -> tuple[list[Cell], list[Finding]]:
    """Read the cells out of a handed-in file, however it was damaged.

    Args:
        raw: The file.
        name: Its name, for the findings.

    Returns:
        The cells as plain dictionaries and what was noticed on the way.

    Raises:
        IngestError: There is no cell to be found.
    """
    findings: list[Finding] = []
    if raw.count(b"[") + raw.count(b"{") > MAX_PARTS:
        raise IngestError(f"{name} has more parts than a notebook can have: clear its outputs and hand it in again")
    try:
        text = raw.decode(json.detect_encoding(raw))
    except UnicodeDecodeError as error:
        findings.append(Finding("not_utf8", name, f"byte {error.start} is not UTF-8 and was replaced"))
        text = raw.decode("utf-8-sig", "replace")
    if not text.strip():
        raise IngestError(f"{name} is empty: hand in the notebook again")
    try:
        cells = _cells_of(json.loads(text), name, findings)
    except (ValueError, RecursionError) as error:
        cells = bulk.salvage(text)
        if not cells:
            raise IngestError(f"{name} is not a notebook ({str(error)[:60]}): hand in the .ipynb file again") from error
        detail = f"the file is damaged; {len(cells)} cells could be read"
        findings.append(Finding("damaged", name, detail, "answers inside the damage are lost"))
    if len(cells) > MAX_CELLS:
        findings.append(Finding("too_many_cells", name, f"only the first {MAX_CELLS} of {len(cells)} cells were read"))
    return cells[:MAX_CELLS], findings


def _cells_of(data: Any, name: str, findings: list[Finding]) -> list[Cell]:
    cells = data.get("cells") if isinstance(data, dict) else None
    if cells is None and isinstance(data, dict) and isinstance(data.get("worksheets"), list):
        findings.append(Finding("old_format", name, "notebook format 3 was read as format 4"))
        cells = [
            cell
            for sheet in data["worksheets"]
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    if not isinstance(cells, list):
        raise IngestError(f"{name} has no cells, so it is not a notebook: hand in the .ipynb file again")
    return [cell for cell in cells if isinstance(cell, dict)]


def source_of(cell: Cell) -> str:
    """Return a cell's source as one string with plain line ends, whatever shape it was stored in."""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return ""
    return source.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")


def grade_id_of(cell: Any) -> str | None:
    """Return the cell's grade_id if it has a usable one."""
    metadata = cell.get("metadata")
    meta = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    value = meta.get("grade_id") if isinstance(meta, dict) else None
    return value if isinstance(value, str) else None
