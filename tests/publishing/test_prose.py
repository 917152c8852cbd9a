"""Is a student's Markdown shown as it was meant, and can nothing in it run?"""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from coursegrader.publishing.prose import MAX_FORMULAS, to_html

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:x)",
    '<a href="&#106;avascript:alert(1)">x</a>',
    "<svg onload=alert(1)><circle/></svg>",
    '<img src=x onerror="alert(1)">',
    "![x](https://tracker.example/pixel.png)",
    '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">',
    '<iframe src="https://evil.example"></iframe>',
    "<style>body{display:none}</style>",
    '<div style="position:fixed;inset:0">over everything</div>',
    '<form action="https://evil.example"><input name=q><button>go</button></form>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    "<base href=https://evil.example>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    r"$\text{<script>alert(1)</script>}$",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\style{position:fixed}{x}$",
    '<a id="results" name="q-test_f" class="card full">moved</a>',
    "<!-- --><object data=x></object>",
    "\ue0f00\ue0f0",
    "&#xe0f0;5&#xe0f0; z0z",
    '![$x" onerror="alert(1)$](data:image/png;base64,aGk=)',
    '[x](https://x.example "$y$")',
    "```python\n<script>alert(1)</script>\n```",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_students_runs_loads_or_poses(text: str) -> None:
    soup = BeautifulSoup(to_html(f"before\n\n{text}\n\nafter"), "html.parser")
    names = {tag.name for tag in soup.find_all(True)}
    assert not names & {"script", "svg", "iframe", "style", "form", "input", "button", "meta", "base", "object", "link"}
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on") or name in ("style", "id", "name")]
        assert re.match(r"(https?:|mailto:|#|$)", tag.get("href", ""))
        assert re.match(r"(data:image/(png|jpeg|gif|webp);base64,|$)", tag.get("src", ""))
        assert not set(tag.get("class", [])) & {"card", "mark", "full", "wide"}
    assert "before" in soup.text
    assert "after" in soup.text


def test_formulas_become_mathml() -> None:
    html = to_html(r"inline $x_1^2 < y$ and" "\n\n" r"$$\frac{\partial y}{\partial w} = t$$")
    soup = BeautifulSoup(html, "html.parser")
    inline, block = soup.find_all("math")
    assert inline["display"] == "inline"
    assert inline.find("msubsup") is not None
    assert block["display"] == "block"
    assert block.find("mfrac") is not None
    assert "&amp;lt;" not in html


@pytest.mark.parametrize(
    "text",
    [r"$\frac{$", "$" + "x" * 3000 + "$", r"$\begin{nonsense} & & \end{nonsense}$", r"$\left( x$", "a $5 and $6 lunch"],
)
def test_what_is_no_formula_is_shown_as_typed(text: str) -> None:
    assert BeautifulSoup(to_html(text), "html.parser").text.strip()


def test_headings_stay_below_the_pages_own() -> None:
    html = to_html("# one\n\n## two\n\n### three\n\n<h1>four</h1>")
    assert re.findall(r"<(h\d)>", html) == ["h3", "h3", "h4"]


def test_a_picture_that_is_not_attached_is_said_and_costs_nothing() -> None:
    assert "cat.png is not in the notebook" in to_html("![my cat](attachment:cat.png)")
    attached = to_html("![my cat](attachment:cat.png)", {"cat.png": {"image/png": "aGVsbG8="}})
    image = BeautifulSoup(attached, "html.parser").img
    assert (image["src"], image["alt"]) == ("data:image/png;base64,aGVsbG8=", "my cat")


def test_tables_lists_and_code_survive() -> None:
    soup = BeautifulSoup(
        to_html("| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n- two\n\n```python\ndef f(): pass\n```"), "html.parser"
    )
    assert [cell.text for cell in soup.find_all("td")] == ["1", "2"]
    assert [item.text for item in soup.find_all("li")] == ["one", "two"]
    assert "def f(): pass" in soup.pre.text


def test_what_may_be_unfolded_can_be_and_holds_nothing_more() -> None:
    page = to_html(
        "<details><summary>Hint</summary>\n\nUse $x$.\n\n</details>\n\n<details ontoggle='x()' open>\n\nnever closed"
    )
    soup = BeautifulSoup(page, "html.parser")
    hint, odd = soup.find_all("details")
    assert hint.summary.text == "Hint"
    assert hint.find("math") is not None
    assert odd.attrs == {}
    assert page.count("<details>") == page.count("</details>")


def test_private_use_characters_stay_what_they_are() -> None:
    assert BeautifulSoup(to_html("a \ue0f07\ue0f0 &#xe0f0;9&#xe0f0; $x$"), "html.parser").p.text.startswith(
        "a \ue0f07\ue0f0 \ue0f09\ue0f0 x"
    )


def test_only_so_many_formulas_are_drawn() -> None:
    page = BeautifulSoup(to_html("$x$ " * (MAX_FORMULAS + 5)), "html.parser")
    assert (len(page.find_all("math")), len(page.find_all("code"))) == (MAX_FORMULAS, 5)
