"""What does the formgrader make of a piece of Markdown: prose, or something that acts?"""

from __future__ import annotations

import html
import re
from collections.abc import Collection

#: LaTeX that makes links, styles or identifiers, or loads more LaTeX. MathJax has no way to spell a command otherwise.
COMMAND = re.compile(
    r"\\(href|require|style|class|cssId|data|unicode|bbox|mmlToken|toggle|mathtip|texttip|"
    r"includegraphics|html[A-Za-z]*)(?![A-Za-z])"
)

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [a-z-]+(?:=\"[^\"<>]*\")?)*) ?/?>")
_ATTRIBUTE = re.compile(r" ([a-z-]+)(?:=\"([^\"<>]*)\")?")
_TAGS = frozenset({
    "a", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "input", "li", "ol", "p", "pre", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
})  # fmt: skip
_VALUES = {
    "href": re.compile(r"(https?://|mailto:|#)[^<>\"]*", re.IGNORECASE),
    "class": re.compile(r"highlight|[a-z]{1,3}\d?|language-[\w+#.-]*|anchor-link|task-list-item(-checkbox)?"),
    "style": re.compile(r"text-align: ?(left|right|center);?"),
    "type": re.compile("checkbox"),
    "start": re.compile(r"\d{1,9}"),
    "title": re.compile(".*", re.DOTALL),
    "id": re.compile(".*", re.DOTALL),
    "disabled": re.compile(""),
    "checked": re.compile(""),
}


def is_prose(markdown: str, reserved: Collection[str] = ()) -> bool:
    """Tell whether the formgrader's renderer makes nothing of a text but prose, formulas, code and links to the web."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    try:
        drawn = markdown2html_mistune(markdown)
    except Exception:  # a renderer that stumbles here stumbles in the formgrader, too
        return False
    first, *parts = drawn.split("<")
    code = 0
    if COMMAND.search(html.unescape(first)):
        return False
    for part in parts:
        tag = _TAG.match(f"<{part}")
        if tag is None or tag[2] not in _TAGS or not _is_plain(tag, reserved):
            return False
        if tag[2] in ("code", "pre"):
            code += -1 if tag[1] else 1
        if code <= 0 and COMMAND.search(html.unescape(part)):
            return False
    return True


def _is_plain(tag: re.Match[str], reserved: Collection[str]) -> bool:
    """Tell whether a tag has only attributes that do nothing."""
    for name, value in _ATTRIBUTE.findall(tag[3]):
        if name not in _VALUES or not _VALUES[name].fullmatch(html.unescape(value)):
            return False
        if name == "id" and html.unescape(value) in reserved:
            return False
    return True
