"""How does a student's Markdown become HTML that is safe to show?

Nothing in it runs, loads or points anywhere but the web: tags, attributes and addresses are on allow-lists.
Formulas become MathML, which every browser draws and reads aloud without a script.
"""

from __future__ import annotations

import functools
import html
import re
import secrets

import nh3
from latex2mathml.converter import convert as latex_to_mathml
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

MAX_FORMULA = 2_000  # characters
MAX_FORMULAS = 500  # of one text that are drawn; the others are shown as they were typed
MAX_MARKED = 20_000  # characters of code whose words are marked
_CACHED = 4_000  # characters of the longest text that is remembered
_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "img", "kbd", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"title"},
    "a": {"href"},
    "img": {"src", "alt"},
    **{tag: {"class"} for tag in ("div", "span", "pre", "code")},
    **{tag: {"colspan", "rowspan"} for tag in ("td", "th")},
}
_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_LINK = re.compile(r"(https?:|mailto:|#)", re.IGNORECASE)
_HIGHLIGHT = re.compile(r"highlight|[a-z]{1,2}\d?")  # the classes that Pygments gives to words of code
_HTML_TAG = re.compile(r"<[^<>\"]*(?:\"[^\"]*\"[^<>\"]*)*>")


def to_html(markdown: str, attachments: dict[str, dict[str, str]] | None = None) -> str:
    """Return Markdown as clean HTML whose headings stand at level 3 and below, under the page's own."""
    if attachments or len(markdown) > _CACHED:
        return _to_html(markdown, attachments or {})
    return _cached_html(markdown)


def code_to_html(source: str) -> str:
    """Return Python code as HTML with its words marked; what a whole class was given is marked once."""
    return _highlighted(source) if len(source) > _CACHED else _cached_code(source)


def _highlighted(source: str) -> str:
    """Return code with its words marked; a very long one as it is, for Pygments reads some texts again and again."""
    if len(source) > MAX_MARKED:
        return f'<div class="highlight"><pre>{html.escape(source)}</pre></div>\n'
    plain = "\n".join(line.rstrip() for line in source.split("\n"))
    return str(highlight(plain, PythonLexer(), HtmlFormatter()))


@functools.lru_cache(1000)
def _cached_code(source: str) -> str:
    return _highlighted(source)


@functools.lru_cache(1000)
def _cached_html(markdown: str) -> str:
    return _to_html(markdown, {})


def _to_html(markdown: str, attachments: dict[str, dict[str, str]]) -> str:
    renderer = _Renderer(attachments)
    rough = MarkdownWithMath(renderer=renderer).render(markdown)
    clean = nh3.clean(
        rough,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )
    clean = re.sub(r"<img(?![^>]* alt=)", '<img alt="picture"', clean)
    return re.sub(f"{_HTML_TAG.pattern}|{renderer.mark}(\\d+)z", renderer.put_back, clean)


def _kept(tag: str, name: str, value: str) -> str | None:
    """Return what an attribute may say, or None if it has to go."""
    allowed = {"class": _HIGHLIGHT, "src": _IMAGE}.get(name)
    if allowed is not None:
        return value if allowed.fullmatch(value) else None
    return None if name == "href" and not _LINK.match(value) else value


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, with formulas as MathML and without anything that fails or leaves the page."""

    def __init__(self, attachments: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=attachments)
        #: Marks the places of formulas while the rest is cleaned; nobody who writes a text can know it.
        self.mark = f"z{secrets.token_hex(8)}z"
        self.formulas: list[tuple[str, str]] = []

    def put_back(self, match: re.Match[str]) -> str:
        """Return the formula that belongs in a place; a tag stays, but for a formula in its attributes."""
        if match[1] is None:
            return re.sub(f"{self.mark}(\\d+)z", lambda found: html.escape(self.formulas[int(found[1])][0]), match[0])
        return self.formulas[int(match[1])][1]

    def block_html(self, html: str) -> str:
        return str(super().block_html(_known(html)))

    def inline_html(self, html: str) -> str:
        return str(super().inline_html(_known(html)))

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
        typed = body.strip()
        drawn = _mathml(typed, display) if len(self.formulas) < MAX_FORMULAS else _typed(typed)
        self.formulas.append((typed, drawn))
        return f"{self.mark}{len(self.formulas) - 1}z"


def _known(markup: str) -> str:
    """Return HTML as it is, or as the text that was typed where a tag in it would be taken out."""
    names = {name.lower() for name in re.findall(r"</?([A-Za-z][A-Za-z0-9]*)", markup)}
    return markup if names <= _TAGS | {"h1"} else html.escape(markup)


def _typed(latex: str) -> str:
    return f"<code>{html.escape(latex)}</code>"


def _mathml(latex: str, display: str) -> str:
    """Return a formula as MathML, or as it was typed where it is no LaTeX that can be read."""
    if len(latex) > MAX_FORMULA:
        return _typed(latex)
    try:
        drawn = str(latex_to_mathml(latex, display=display))
    except Exception:  # the converter raises a dozen kinds, IndexError and RecursionError among them
        return _typed(latex)
    # what a student types can end in text and in attributes of the result: clean it like everything else
    return nh3.clean(drawn, tags=_MATHML, attributes={"*": _MATHML_ATTRIBUTES}, link_rel=None)


_MATHML = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "ms", "msup", "msub", "msubsup", "mfrac", "msqrt",
    "mroot", "mover", "munder", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom",
    "menclose", "mmultiscripts", "mprescripts", "none",
}  # fmt: skip
_MATHML_ATTRIBUTES = {
    "display", "stretchy", "fence", "form", "accent", "accentunder", "linethickness", "mathvariant",
    "columnalign", "rowspacing", "columnspacing", "scriptlevel", "displaystyle", "width", "height", "depth",
    "minsize", "maxsize", "separator", "lspace", "rspace", "notation", "movablelimits",
}  # fmt: skip
