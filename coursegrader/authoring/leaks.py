"""What gives a secret away? Marker lines as nbgrader reads them, and text that only the instructor may have."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from coursegrader.course.course import Notebook
from coursegrader.course.markers import DEFAULT, REGIONS, Markers
from coursegrader.course.metadata import is_solution

#: Letters and digits that a piece of a secret must have to be searched for: less is everybody's code.
TELLING = 32
#: The same for a secret that is a whole region.
TELLING_WHOLE = 12
_EVERYBODYS = ("import ", "from ", "super().__init__(")
_LIKE_A_MARKER = re.compile(r"^\W*(BEGIN|END)[\s_-]*([A-Z]+(?:[\s_-]+[A-Z]+)?)\W*$", re.IGNORECASE)


def marker_typo(line: str, markers: Markers = DEFAULT) -> str:
    """Return the marker that a line was probably meant to be, or an empty text."""
    match = None if markers.found(line) else _LIKE_A_MARKER.match(line)
    near = difflib.get_close_matches(match.group(2).upper(), REGIONS, n=1, cutoff=0.75) if match else []
    return markers[near[0]][match.group(1).upper() == "END"] if match and near else ""


def regions(source: str, markers: Markers = DEFAULT) -> tuple[list[list[str]], list[str]]:
    """Return the lines of each secret region of a cell, and the lines outside."""
    secret: list[list[str]] = []
    outside: list[str] = []
    inside = False
    for line in source.split("\n"):
        found = markers.found(line)
        if found:
            inside = found[0] == "BEGIN"
            secret += [[]] if inside else []
        else:
            (secret[-1] if inside else outside).append(line)
    return secret, outside


def secrets_of(notebooks: Iterable[Notebook]) -> dict[str, str]:
    """Return every telling piece of solutions, hidden regions and mark schemes, squeezed, with where it is from.

    A piece of code is a line or, where lines are short, as many lines as make it telling, or all of a short region.
    Of prose, where a line is a paragraph, every stretch of ``TELLING`` letters is one: half a sentence tells, too.
    What students see in the same cell anyway, and lines that everybody writes, are no secret.
    """
    secrets: dict[str, str] = {}
    for notebook in notebooks:
        for cell in notebook.source.cells:
            secret, outside = regions(cell.source, notebook.markers)
            if is_solution(cell) and not secret:  # then nbgrader takes all of it away
                secret, outside = [outside], []
            visible = squeeze("\n".join(outside))
            origin = f"a secret region of {notebook.name}, {cell.get('id', '')}"
            for lines in secret:
                kept = [squeeze(line) for line in lines if not line.lstrip().startswith(_EVERYBODYS)]
                for piece in _pieces([line for line in kept if line and line not in visible]):
                    secrets.setdefault(piece, origin)
                if cell.cell_type != "code":
                    for piece in _windows("".join(kept)):
                        if piece not in visible:
                            secrets.setdefault(piece, origin)
    return secrets


def leaked(text: str, secrets: dict[str, str]) -> dict[str, str]:
    """Return each place whose secret the text contains, with the first piece found.

    Args:
        text: What would be published.
        secrets: Pieces with where they are from, as ``secrets_of`` returns them.
    """
    text = squeeze(text)
    starts: dict[str, list[str]] = {}  # one pass over the text, however many pieces there are
    for piece in secrets:
        starts.setdefault(piece[:TELLING_WHOLE], []).append(piece)
    found: dict[str, str] = {}
    for place in range(len(text) - TELLING_WHOLE + 1):
        for piece in starts.get(text[place : place + TELLING_WHOLE], ()):
            if text.startswith(piece, place):
                found.setdefault(secrets[piece], piece)
    return found


def _pieces(lines: list[str]) -> Iterator[str]:
    whole = "".join(lines)
    if TELLING_WHOLE <= len(whole) < TELLING:
        yield whole
    for start in range(len(lines)):
        piece = ""
        for line in lines[start:]:
            piece += line
            if len(piece) >= TELLING:
                yield piece
                break


def _windows(text: str) -> Iterator[str]:
    return (text[start : start + TELLING] for start in range(len(text) - TELLING + 1))


def strings(data: Any) -> Iterator[str]:
    """Yield every string anywhere in notebook JSON, keys too."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield str(key)
            yield from strings(value)
    elif isinstance(data, list):
        for item in data:
            yield from strings(item)


def squeeze(text: str) -> str:
    """Return letters and digits only, so that a secret split over lines or quoted strings is still found."""
    return re.sub(r"\\[nrt]|[\W_]", "", text)
