"""How does a student's Markdown become HTML that is safe to show?

Nothing in it runs, loads or points anywhere but the web: tags, attributes and addresses are on allow-lists.
Formulas become MathML, which every browser draws and reads aloud without a script.
"""

from __future__ import annotations

import functools
import html
import re

import bleach
from latex2mathml.converter import convert as latex_to_mathml
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

MAX_FORMULA = 2_000
#: Marks the place of a formula while the rest is cleaned; a private-use character that no font draws.
_MARK = "\ue0f0"
_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_LINK = re.compile(r"(https?:|mailto:|#)", re.IGNORECASE)
_HIGHLIGHT = re.compile(r"highlight|[a-z]{1,2}\d?")  # the classes that Pygments gives to words of code


def to_html(markdown: str, attachments: dict[str, dict[str, str]] | None = None) -> str:
    """Return Markdown as clean HTML whose headings stand at level 3 and below, under the page's own."""
    return _to_html(markdown, attachments) if attachments else _cached_html(markdown)


@functools.lru_cache(1000)
def code_to_html(source: str) -> str:
    """Return Python code as HTML with its words marked; what a whole class was given is marked once."""
    return str(highlight(source, PythonLexer(), HtmlFormatter()))


@functools.lru_cache(1000)
def _cached_html(markdown: str) -> str:
    return _to_html(markdown, {})


def _to_html(markdown: str, attachments: dict[str, dict[str, str]]) -> str:
    renderer = _Renderer(attachments)
    rough = MarkdownWithMath(renderer=renderer).render(markdown.replace(_MARK, ""))
    clean = bleach.clean(
        rough, tags=_TAGS, attributes=_allowed, protocols={"http", "https", "mailto", "data"}, strip_comments=True
    )
    clean = re.sub(r"<img(?![^>]* alt=)", '<img alt="picture"', clean)
    return re.sub(f"{_MARK}(\\d+){_MARK}", lambda match: renderer.formulas[int(match[1])], clean)


def _allowed(tag: str, name: str, value: str) -> bool:
    """Tell whether a tag may keep an attribute."""
    if name == "class":
        return tag in ("div", "span", "pre", "code") and bool(_HIGHLIGHT.fullmatch(value))
    if tag == "a":
        return name == "title" or (name == "href" and bool(_LINK.match(value)))
    if tag == "img":
        return name in ("alt", "title") or (name == "src" and bool(_IMAGE.fullmatch(value)))
    return name == "title" or (tag in ("th", "td") and name in ("colspan", "rowspan"))


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, with formulas as MathML and without anything that fails or leaves the page."""

    def __init__(self, attachments: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=attachments)
        self.formulas: list[str] = []

    def heading(self, text: str, level: int, **attrs: object) -> str:
        level = min(max(level + 1, 3), 6)
        return f"<h{level}>{text}</h{level}>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        try:
            return str(super().image(text, url, title))
        except InvalidNotebook:
            return f"<em>(the picture {html.escape(url)} is not in the notebook)</em>"

    def block_math(self, body: str) -> str:
        return self._formula(body, "block")

    def inline_math(self, body: str) -> str:
        return self._formula(body, "inline")

    def latex_environment(self, name: str, body: str) -> str:
        return self._formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def _formula(self, body: str, display: str) -> str:
        self.formulas.append(_mathml(body.strip(), display))
        return f"{_MARK}{len(self.formulas) - 1}{_MARK}"


def _mathml(latex: str, display: str) -> str:
    """Return a formula as MathML, or as it was typed where it is no LaTeX that can be read."""
    typed = f"<code>{html.escape(latex)}</code>"
    if len(latex) > MAX_FORMULA:
        return typed
    try:
        drawn = str(latex_to_mathml(latex, display=display))
    except Exception:  # the converter raises a dozen kinds, IndexError and RecursionError among them
        return typed
    # what a student types can end in text and in attributes of the result: clean it like everything else
    return bleach.clean(drawn, tags=_MATHML, attributes={"*": _MATHML_ATTRIBUTES}, strip=True)


_MATHML = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mn",
        "mo",
        "mtext",
        "mspace",
        "ms",
        "msup",
        "msub",
        "msubsup",
        "mfrac",
        "msqrt",
        "mroot",
        "mover",
        "munder",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
        "mstyle",
        "mpadded",
        "mphantom",
        "menclose",
        "mmultiscripts",
        "mprescripts",
        "none",
    ]
)
_MATHML_ATTRIBUTES = [
    "display",
    "stretchy",
    "fence",
    "form",
    "accent",
    "accentunder",
    "linethickness",
    "mathvariant",
    "columnalign",
    "rowspacing",
    "columnspacing",
    "scriptlevel",
    "displaystyle",
    "width",
    "height",
    "depth",
    "minsize",
    "maxsize",
    "separator",
    "lspace",
    "rspace",
    "notation",
    "movablelimits",
]
