"""Does anything of a student's act in a real browser, in a real formgrader and a real JupyterLab, and is honest work as before?"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import browser as web
import nbformat
import pytest
from active_content import ACTIVE, HONEST
from nbformat.v4 import new_markdown_cell
from playwright.sync_api import Browser, Page, Route, expect

from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.course.setup.gradebook import open_gradebook

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(web.chromium() is None, reason="no Chromium here: apt-get install chromium brings it"),
]

#: What in a rendered text could load, run, ask or lead anywhere but the web.
ACTING = """(selector) => [...document.querySelectorAll(selector)].flatMap((cell) => [...cell.querySelectorAll('*')])
  .filter((tag) => !tag.closest('mjx-container') || tag.tagName === 'A')
  .filter((tag) => tag.matches('script,img,iframe,object,embed,svg,math,video,audio,source,form,style,link,meta,base,button,' +
      'details,textarea,input:not([type=checkbox]),.mermaid,.jp-RenderedMermaid')
    || [...tag.attributes].some((item) => item.name.startsWith('on') || item.name === 'src')
    || (tag.hasAttribute('href') && !/^(https?:|mailto:|#)/.test(tag.getAttribute('href'))))
  .map((tag) => tag.outerHTML.slice(0, 200))"""
DRAWN = "(selector) => [...document.querySelectorAll(selector)].map((cell) => cell.innerHTML)"
FORMGRADER, LAB = ".text_cell_render", ".jp-MarkdownOutput"


@dataclass
class Opened:
    """What a page asked for, and what it asked the person in front of it."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    dialogs: list[str] = field(default_factory=list)


@dataclass
class Office:
    """A course with three submissions, graded, and a JupyterLab that serves it.

    Attributes:
        server: JupyterLab.
        addresses: The formgrader's page of each student's notebook.
    """

    server: web.Server
    addresses: dict[str, str]


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a browser for this file's tests."""
    with web.browser(tmp_path_factory.mktemp("chrome")) as started:
        yield started


@pytest.fixture(scope="module")
def office(make_course: Callable[[Path], Course], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Hand in active and honest texts, grade them, and keep a copy of each with the texts as they were typed."""
    place = tmp_path_factory.mktemp("office")
    (place / "course").mkdir()
    (place / "home").mkdir()
    course = make_course(place / "course")
    release = course.assignment("week").notebooks["1_numbers"].release
    for student, texts in (("mallory", ACTIVE), ("honest", HONEST), ("typed_mallory", {}), ("typed_honest", {})):
        notebook = copy.deepcopy(release)
        notebook.cells += [new_markdown_cell(text, id=f"text-{n}") for n, text in enumerate(texts.values())]
        folder = course.step("submitted", student, "week")
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "1_numbers.ipynb")
    for command in (["release", "week"], ["autograde", "week", "--jobs", "1", "--notebook", "1_numbers"]):
        assert main(["--course", str(course.root), *command]) in (0, 1)
    plainest = {name: ACTIVE[name] for name in ("script", "image with an error", "svg", "picture from elsewhere")}
    for student, texts in (("typed_mallory", plainest), ("typed_honest", HONEST)):  # as plain nbgrader leaves them
        path = course.step("autograded", student, "week") / "1_numbers.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.cells += [new_markdown_cell(text) for text in texts.values()]
        path.chmod(0o644)
        nbformat.write(notebook, path)
    with open_gradebook(course.directory) as gradebook:
        rows = gradebook.notebook_submissions("1_numbers", "week")
        ids = {row.student.id: row.id for row in rows}
    with web.jupyterlab(course.root, place / "home", "c.CourseDirectory.course_id = 'rnn-course'") as server:
        yield Office(server, {student: f"formgrader/submissions/{number}/" for student, number in ids.items()})


@contextmanager
def watched(chrome: Browser) -> Iterator[Opened]:
    """Open a page that reaches this machine only, and note whatever else it asks for."""
    context = chrome.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(web.PATIENCE * 1000)
    opened = Opened(context.new_page())

    def answer(route: Route) -> None:
        host = urlsplit(route.request.url).hostname or route.request.url.partition(":")[0]
        opened.hosts.add(host)
        route.continue_() if host == "127.0.0.1" else route.abort()

    def dismiss(dialog: Any) -> None:
        opened.dialogs.append(dialog.message)
        dialog.dismiss()

    context.route("**/*", answer)
    opened.page.on("dialog", dismiss)
    try:
        yield opened
    finally:
        context.close()


def settled(page: Page, selector: str, count: int) -> None:
    """Wait until every text is drawn, and give what may run the time to run."""
    expect(page.locator(selector)).to_have_count(count)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 1500)))")


def in_formgrader(opened: Opened, office: Office, student: str, count: int) -> None:
    """Open a student's page of the formgrader."""
    opened.page.goto(office.server.address(office.addresses[student]), wait_until="domcontentloaded")
    settled(opened.page, FORMGRADER, count)


def in_lab(opened: Opened, office: Office, student: str, count: int) -> None:
    """Open a student's graded notebook in JupyterLab."""
    opened.page.goto(office.server.address(f"doc/tree/autograded/{student}/week/1_numbers.ipynb"))
    settled(opened.page, LAB, count)


def texts_of(office: Office, student: str) -> int:
    """Return how many texts a student's graded notebook has."""
    path = office.server.root / "autograded" / student / "week" / "1_numbers.ipynb"
    return sum(cell.cell_type == "markdown" for cell in nbformat.read(path, as_version=4).cells)


@pytest.mark.parametrize(("show", "selector"), [(in_formgrader, FORMGRADER), (in_lab, LAB)], ids=["formgrader", "lab"])
def test_nothing_runs_and_nothing_is_fetched(
    office: Office, chrome: Browser, show: Callable[..., None], selector: str
) -> None:
    with watched(chrome) as honest:
        show(honest, office, "honest", texts_of(office, "honest"))
    with watched(chrome) as opened:
        show(opened, office, "mallory", texts_of(office, "mallory"))
        assert texts_of(office, "mallory") > len(ACTIVE)
        page = opened.page
        assert page.evaluate("() => window.ran") is None
        assert page.evaluate(ACTING, selector) == []
        assert opened.hosts == honest.hosts  # the page's own libraries and nothing else
        assert opened.dialogs == []
        assert page.evaluate("() => document.querySelectorAll('#q_why').length <= 1")
        web.keep(page, f"active_content_{selector.strip('.')}")


def test_the_same_texts_do_run_where_nobody_rebuilds_the_notebook(office: Office, chrome: Browser) -> None:
    with watched(chrome) as opened:
        opened.page.goto(office.server.address(office.addresses["typed_mallory"]), wait_until="domcontentloaded")
        opened.page.wait_for_function("() => window.ran === 1")
        assert [host for host in opened.hosts if host.endswith(".example")]


@pytest.mark.parametrize(("show", "selector"), [(in_formgrader, FORMGRADER), (in_lab, LAB)], ids=["formgrader", "lab"])
def test_honest_texts_look_as_before(office: Office, chrome: Browser, show: Callable[..., None], selector: str) -> None:
    drawn = {}
    for student in ("honest", "typed_honest"):
        with watched(chrome) as opened:
            show(opened, office, student, texts_of(office, student))
            found = opened.page.evaluate(DRAWN, selector)
            drawn[student] = [plain(text) for text in found[-len(HONEST) :]]
    for name, ours, before in zip(HONEST, drawn["honest"], drawn["typed_honest"], strict=True):
        assert ours == before, name


def plain(drawn: str) -> str:
    """Return what was drawn without numbers given anew on every page, and without blanks that mean nothing."""
    drawn = re.sub(r' (id|data-[\w-]+|tabindex|ctxtmenu_counter|jax|aria-\w+)="[^"]*"', "", drawn)
    drawn = re.sub(r"\$[^$]*\$", lambda found: re.sub(r"(?<=[;!\]]) (?=[\w/!?\[(:])", "", found[0]), drawn)
    drawn = drawn.replace("\n</code>", "</code>")  # the last line of a block, which one renderer ends and one does not
    return re.sub(r"\s*\n\s*", "\n", drawn).strip()
