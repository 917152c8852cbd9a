"""Does nothing of a student's Markdown act where it is opened, and does honest Markdown look as it was meant?"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import nbformat
import pytest
from active_content import ACTIVE, HONEST
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from nbconvert.filters.markdown_mistune import InvalidNotebook, markdown2html_mistune

from coursegrader.course.course import Notebook
from coursegrader.intake.neutral import MAX_PROSE, Price, literal, neutral
from coursegrader.intake.repair import rebuild

#: CommonMark with tables and bare links, as near to JupyterLab's renderer as Python comes.
COMMONMARK = MarkdownIt("gfm-like", {"html": True, "linkify": False})
LOADS = {"img", "script", "svg", "iframe", "style", "form", "button", "meta", "base", "object", "embed", "link",
         "video", "audio", "source", "picture", "math", "details", "body", "image"}  # fmt: skip


class _Tags(HTMLParser):
    """Collects every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def what_acts(drawn: str) -> list[str]:
    """Return every tag of a page that loads, runs or leads anywhere but the web."""
    tags = _Tags()
    tags.feed(drawn)
    acting = []
    for tag, attributes in tags.found:
        leads = attributes.get("href") or "#"
        if (
            tag in LOADS
            or any(name.startswith("on") or name in ("src", "srcdoc", "action", "formaction") for name in attributes)
            or not re.match(r"(https?://|mailto:|#)", leads, re.IGNORECASE)
            or "mermaid" in (attributes.get("class") or "")
        ):
            acting.append(f"{tag} {attributes}")
    return acting


@pytest.mark.parametrize("text", ACTIVE.values(), ids=ACTIVE.keys())
def test_active_content_becomes_text_in_two_renderers(text: str) -> None:
    safe = neutral(f"before\n\n{text}\n\nafter", {"q_why"})
    for drawn in (markdown2html_mistune(safe), COMMONMARK.render(safe)):
        assert what_acts(drawn) == []
        assert "before" in drawn
        assert "after" in drawn
    assert 'id="q_why"' not in markdown2html_mistune(safe)
    words = BeautifulSoup(markdown2html_mistune(safe), "html.parser")
    for code in words.find_all(["code", "pre"]):
        code.decompose()
    assert not re.search(r"\\(href|require|style|class|cssId|unicode|bbox)\b", words.text)


def test_the_active_content_does_act_if_it_is_left_alone() -> None:
    def acts(text: str) -> bool:
        try:
            drawn = markdown2html_mistune(text)
        except InvalidNotebook:  # the page of the formgrader cannot even be opened
            return True
        turned = re.search(r"\\(href|require|style|cssId)|id=\"q_why\"", html.unescape(drawn))
        return bool(what_acts(drawn) or what_acts(COMMONMARK.render(text)) or turned)

    assert sum(map(acts, ACTIVE.values())) > 60  # the others are tricks that these two renderers see through


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST.keys())
def test_honest_markdown_is_drawn_as_before(text: str) -> None:
    def drawn(markdown: str) -> str:
        page = BeautifulSoup(markdown2html_mistune(markdown), "html.parser")
        for formula in page.find_all(string=re.compile(r"\$|\\begin")):
            formula.replace_with(re.sub(r"(?<=[<!\]]) (?=[\w/!?\[(:])", "", formula))  # spaces mean nothing to TeX
        return re.sub(r"\s*\n\s*", "\n", str(page)).strip()

    assert drawn(neutral(text, {"q_why"})) == drawn(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the <eos> token and <unk>", "the <eos> token and <unk>"),
        ("List<int> is <b>bold</b>", "List<int> is <b>bold</b>"),
        ("![a cat](https://cats.example/cat.png)", "!a cat"),
        ("see [my notes](notes.html)", "see [my notes](notes.html)"),
        ("[1]: a note", "[1]: a note"),
        (r"escaped \<b\> and \!", "escaped <b> and !"),
    ],
)
def test_what_is_no_markdown_is_read_as_it_was_typed(text: str, shown: str) -> None:
    for drawn in (markdown2html_mistune(neutral(text)), COMMONMARK.render(neutral(text))):
        assert BeautifulSoup(drawn, "html.parser").text.strip() == shown


@pytest.mark.parametrize(
    "text", ["a\n\n  b <i> $x$ `c`\t[d](e)\n", "</pre><script>1</script>", "&lt; \\ * _ |", "é 漢 \ue0f0"]
)
def test_what_cannot_be_drawn_is_shown_sign_by_sign(text: str) -> None:
    for drawn in (markdown2html_mistune(literal(text)), COMMONMARK.render(literal(text))):
        page = BeautifulSoup(drawn, "html.parser")
        assert page.pre.text == text
        assert page.text.strip() == text.strip()


def test_long_and_costly_texts_are_shown_as_typed() -> None:
    assert neutral("x" * (MAX_PROSE + 1)).startswith("<pre>")
    assert neutral("\\\\[" * 5_000).startswith("<pre>")
    price = Price()
    texts = [neutral("word " * 3_000, price=price) for _ in range(12)]
    assert not texts[0].startswith("<pre>")
    assert texts[-1].startswith("<pre>")


PIECES = [
    "<", ">", "</", "img src=x onerror=alert(1)", "script", "<svg onload=x>", "![", "[", "]", "](", "](javascript:x)",
    "](http://e.x/p.png)", "]: ", "data:text/html,x", "`", "``", "```", "~~~", "$", "$$", "\\", "\\\\", "\\\\[", "\\\\]",
    "\\\\(", "\\begin{a}", "\\end{a}", "{", "}", "\\href{javascript:x}{y}", "\n", "\n\n", "    ", "\t", "- ", "> ", "1. ",
    "| a |\n|---|\n", "&lt;", "&#60;", "&#96;", "<!--", "-->", "<?", "<![CDATA[", "]]>", "\"", "'", " ", "a", "b c",
    "mermaid", "# ", ": ", "<pre>", "</pre>", "<code>", "<https://a.b/onload=x>", "\u200b", "\ue0f0", "\r",
]  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_no_mixture_of_pieces_acts_in_two_renderers(text: str) -> None:
    safe = neutral(text)
    for drawn in (markdown2html_mistune(safe), COMMONMARK.render(safe)):
        assert what_acts(drawn) == [], safe


def test_a_rebuilt_notebook_holds_only_neutral_texts(notebook: Notebook) -> None:
    cells = [
        {"cell_type": "markdown", "id": "q_why_answer", "source": "<img src=x onerror=alert(1)> $a<b$",
         "metadata": {"title": "<script>"}, "attachments": {"a.svg": {"image/svg+xml": "PHN2Zz4="}}},
        {"cell_type": "raw", "source": "<script>alert(1)</script>", "metadata": {"format": "text/html"}},
        {"cell_type": "markdown", "id": "q_how_answer", "source": "# q_why\n\nmine"},
        {"cell_type": "code", "id": "my-try", "source": "x = '<b>'", "outputs": [{"data": {"text/html": "<script>"}}]},
    ]  # fmt: skip
    built, findings = rebuild(notebook, cells)
    nbformat.validate(built)
    for cell in built.cells:
        assert "attachments" not in cell
        assert not cell.get("outputs")
        if cell.cell_type == "markdown":
            assert what_acts(markdown2html_mistune(cell.source)) == []
            assert 'id="q_why"' not in markdown2html_mistune(cell.source)
    assert next(cell for cell in built.cells if cell.id == "my-try").source == "x = '<b>'"
    assert [finding.detail.split(":")[0] for finding in findings if finding.code == "shown_as_text"] == [
        "q_why_answer", "extra-1", "q_how_answer",
    ]  # fmt: skip
    assert {cell.source for cell in notebook.release.cells} >= {
        cell.source for cell in built.cells if cell.id in ("title", "end", "best-question")
    }
