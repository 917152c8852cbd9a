"""How is a student's Markdown kept from acting where it is opened: in JupyterLab, in the formgrader, on a page?

HTML, pictures, and links that lead anywhere but the web become the text that was typed.
Formulas, code and plain Markdown stay as they are, and the formgrader's own renderer has the last word:
what it does not draw as plain prose is shown as it was typed, all of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from coursegrader.intake.drawn import COMMAND, is_prose

#: Characters of one text, and of all texts of a notebook, that are drawn as Markdown; longer ones are shown as typed.
MAX_PROSE, MAX_ALL_PROSE = 20_000, 120_000
#: nbconvert looks for the end of a formula from each of its beginnings: this bounds the product.
MAX_SEARCH = 20_000_000

_TAG_START = r"(?=[A-Za-z/!?])"  # what must follow `<` for HTML to see more than a sign
_LINK = re.compile(r"\s*<?(https?://|mailto:|#)[^\s<>]", re.IGNORECASE)
_LINK_START = re.compile(r"\](?=[(:])")
_DANGER = re.compile(rf"<{_TAG_START}|!\[|\][(:]")
_AUTOLINK = re.compile(r"<(https?://[A-Za-z0-9\-.:/?#@&+,;=%_]+|[A-Za-z0-9.+-]+@[A-Za-z0-9.-]+)>")
_TOKEN = re.compile(
    r"(?P<open>\\\\[\[(])|(?P<begin>\\begin\{(?P<name>[a-z]*\*?)\})|(?P<escape>\\[\\`$<!\]])|(?P<ticks>`+)|(?P<dollar>\$+)"
)
_FENCE = re.compile(r"[ \t]*(?P<mark>`{3,}|~{3,})(?P<info>[^\n]*)")
_MERMAID = re.compile(r"([`~]{3}[ \t{]*)(?=mermaid)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass
class Price:
    """What may still be drawn of one notebook's texts."""

    characters: int = MAX_ALL_PROSE
    search: int = MAX_SEARCH

    def pay(self, text: str) -> bool:
        """Count a text in; return False if it costs too much."""
        search = len(text) * (text.count("\\\\[") + text.count("\\\\(") + text.count("\\begin{"))
        if len(text) > min(MAX_PROSE, self.characters) or search > self.search:
            return False
        self.characters -= len(text)
        self.search -= search
        return True


def neutral(text: str, reserved: Collection[str] = (), price: Price | None = None) -> str:
    """Return Markdown in which nothing acts, loads or leads anywhere but the web.

    Args:
        text: A student's Markdown.
        reserved: Identifiers of the page it is shown on, which no heading may take.
        price: What may still be drawn of the notebook; it is paid.
    """
    text = _CONTROL.sub("", text)
    if not (price or Price()).pay(text):
        return literal(text)
    safe = _MERMAID.sub(r"\1text ", "".join(_blocks(text)))
    return safe if is_prose(safe, reserved) else literal(text)


def literal(text: str) -> str:
    """Return Markdown that every renderer shows as these characters and nothing else."""
    return f"<pre>{_encoded(text)}</pre>"


def _encoded(text: str) -> str:
    """Return text without one character that means anything in Markdown, LaTeX or HTML."""
    return re.sub(r"[!-/:-@\[-`{-~\n]", lambda match: f"&#{ord(match[0])};", text)


# -- blocks -----------------------------------------------------------------------------------------------------------


@dataclass
class _Block:
    """Some lines that belong together: prose, a fenced block, or an indented one."""

    kind: str
    lines: list[str] = field(default_factory=list)
    info: str = ""
    plain: bool = False  # whether every renderer sees the same fence

    @property
    def text(self) -> str:
        return "".join(self.lines)


def _blocks(text: str) -> Iterator[str]:
    """Yield a text piece by piece, each made harmless in its own way."""
    blank = True
    for block in _parted(text.splitlines(keepends=True)):
        if block.kind == "prose":
            yield _prose(block.text)
        elif not _DANGER.search(block.text) and "mermaid" not in block.info.lower():
            yield block.text
        elif block.plain:
            yield ("" if blank else "\n") + block.text
        else:
            yield _as_code(block)
        blank = not block.lines[-1].strip()


def _parted(lines: list[str]) -> Iterator[_Block]:
    """Part lines into blocks as CommonMark does, lists and quotations left aside."""
    block = _Block("prose")
    in_list, position = False, 0
    while position < len(lines):
        line = lines[position]
        fence = _FENCE.match(line)
        if fence and not ("`" in fence["info"] and fence["mark"][0] == "`"):
            if block.lines:
                yield block
            block, position = _fenced(lines, position, fence), position
            position += len(block.lines)
            yield block
            block = _Block("prose")
            continue
        indented = line.startswith(("    ", "\t"))
        if line.strip() and not indented:
            in_list = bool(re.match(r" {0,3}([-*+]|\d+[.)])\s", line)) or (in_list and line[:1] in " \t")
        starts = indented and not in_list and line.strip() and (not block.lines or not block.lines[-1].strip())
        if block.kind == "prose" and starts:
            if block.lines:
                yield block
            block = _Block("indented")
        elif block.kind == "indented" and not indented and line.strip():
            yield block
            block = _Block("prose")
        block.lines.append(line)
        position += 1
    if block.lines:
        yield block


def _fenced(lines: list[str], start: int, fence: re.Match[str]) -> _Block:
    """Return the fenced block that begins here, to its end or to the end of the text."""
    mark, info = fence["mark"], fence["info"].strip()
    end = start + 1
    while end < len(lines) and not _closes(lines[end], mark):
        end += 1
    block = _Block("fenced", lines[start : end + 1], info)
    inner = [line.lstrip()[:3] for line in lines[start + 1 : end]]
    block.plain = (
        end < len(lines)
        and lines[start][:1] in "`~"
        and lines[end].rstrip() == mark
        and not {"```", "~~~"} & set(inner)
        and bool(re.fullmatch(r"[\w+#.-]*", info, re.ASCII))
        and "mermaid" not in info.lower()
    )
    return block


def _closes(line: str, mark: str) -> bool:
    bare = line.strip()
    return len(bare) >= len(mark) and set(bare) == {mark[0]}


def _as_code(block: _Block) -> str:
    """Return a block of code as one line of HTML whose every sign is a character reference."""
    first = block.lines[0]
    indent = first[: len(first) - len(first.lstrip())] if block.kind == "fenced" else ""
    if block.kind == "fenced":
        closed = len(block.lines) > 1 and _closes(block.lines[-1], first.strip()[:3])
        inner = block.lines[1:-1] if closed else block.lines[1:]
        lines = [line.removeprefix(indent) for line in inner]
    else:
        lines = [re.sub(r"^(\t| {1,4})", "", line) for line in "".join(block.lines).rstrip().splitlines(keepends=True)]
    end = "\n\n" if block.text.endswith("\n") else ""
    return f"\n{indent}<pre><code>{_encoded(''.join(lines))}</code></pre>{end}"


# -- prose ------------------------------------------------------------------------------------------------------------


def _prose(text: str) -> str:
    """Return prose whose text, formulas and pieces of code are each made harmless in their own way."""
    return "".join(made(piece) for made, piece in _pieces(text))


def _pieces(text: str) -> Iterator[tuple[Callable[[str], str], str]]:
    """Yield text, formulas and code in their order, each with what makes it harmless."""
    ends = _Ends(text)
    done = position = 0
    while match := _TOKEN.search(text, position):
        made, end = ends.of(match)
        if made is None:
            position = match.end()
            continue
        yield _text, text[done : match.start()]
        yield made, text[match.start() : end]
        done = position = end
    yield _text, text[done:]


class _Ends:
    """Finds where formulas and pieces of code end; what was looked for in vain is not looked for again."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.missing: set[str] = set()
        self.breaks = [match.start() for match in re.finditer(r"\n[ \t]*\n", text)] + [len(text)]
        self.ticks: dict[int, list[int]] = {}
        for match in re.finditer(r"`+", text):
            self.ticks.setdefault(len(match[0]), []).append(match.start())
        self.dollars = [match.start() for match in re.finditer(r"(?<![$\\])\$", text)]

    def of(self, match: re.Match[str]) -> tuple[Callable[[str], str] | None, int]:
        """Return what makes the thing that begins here harmless, and its end; None if nothing begins here."""
        start, end = match.span()
        if match["escape"]:
            return (_escaped, end) if match[0] in ("\\<", "\\!") else (None, end)
        if match["ticks"]:
            return _code, self._listed(self.ticks.get(len(match[0]), []), end, start, len(match[0]))
        if match["open"]:
            return self._found("\\\\" + {"[": "]", "(": ")"}[match[0][-1]], end)
        if match["begin"]:
            return self._found(f"\\end{{{match['name']}}}", end)
        if len(match[0]) == 2:
            return self._found("$$", end)
        return (_formula, self._listed(self.dollars, end, start, 1)) if len(match[0]) == 1 else (None, end)

    def _found(self, closer: str, start: int) -> tuple[Callable[[str], str] | None, int]:
        place = -1 if closer in self.missing else self.text.find(closer, start)
        if place < 0:
            self.missing.add(closer)
            return None, start
        return _formula, place + len(closer)

    def _listed(self, places: list[int], start: int, opened: int, width: int) -> int:
        """Return the end of what closes in the same paragraph, or where the opening ends if nothing does."""
        limit = self.breaks[bisect_left(self.breaks, opened)]
        index = bisect_left(places, start)
        return places[index] + width if index < len(places) and places[index] < limit else start


def _escaped(text: str) -> str:
    return {"\\<": "&lt;", "\\!": "&#33;"}[text]


def _code(text: str) -> str:
    """Return a piece of code; what could be taken for more than code is written in character references."""
    ticks = len(text) - len(text.lstrip("`"))
    inner = text[ticks:-ticks].replace("\n", " ")
    if not _DANGER.search(text) or not inner:
        return text
    if inner.strip() and inner[0] == inner[-1] == " ":
        inner = inner[1:-1]
    return f"<code>{_encoded(inner)}</code>"


def _formula(text: str) -> str:
    """Return a formula with spaces, which TeX skips, where it could be taken for a tag, a picture or a link."""
    text = COMMAND.sub(r"\\text{\1}", text)
    text = re.sub(rf"<(?!\w+>){_TAG_START}", "< ", text)
    return re.sub(r"(!(?=\[)|\](?=[(:]))", r"\1 ", text)


def _text(text: str) -> str:
    """Return text in which HTML and pictures are what was typed, and links lead to the web."""
    text = _AUTOLINK.sub(_spelled_out, text)
    text = re.sub(rf"<{_TAG_START}", "&lt;", text)
    text = re.sub(r"!(?=\[)", "&#33;", text)
    text = COMMAND.sub(r"\\text{\1}", text)
    return _LINK_START.sub(lambda match: "]" if _LINK.match(text, match.end() + 1) else "]\\", text)


def _spelled_out(match: re.Match[str]) -> str:
    target = match[1]
    return f"[{target}]({target})" if target.startswith("http") else f"[{target}](mailto:{target})"
