"""Every notebook, solved, in a real JupyterLab: can everybody read what it shows, light and dark?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser as web
import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from coursegrader.authoring.demo import hand_in, hand_in_files
from coursegrader.course.course import Course, Notebook

pytestmark = [
    pytest.mark.slow,
    pytest.mark.flaky(reruns=1),  # a browser may stumble once; the summary lists each rerun
    pytest.mark.skipif(web.chromium() is None, reason="no Chromium here: apt-get install chromium brings it"),
]

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ["1_backprop", "2_beam_search", "3_rnn", "4_last_names", "5_fast_training", "6_convolution"]
#: Enough to draw every figure; nobody reads how good these models are.
SHORTER = {"EPOCHS = 20": "EPOCHS = 3", "epochs=4": "epochs=1", "steps=300": "steps=25"}
HARMFUL = ("serious", "critical")
#: What we wrote: texts and everything that our cells show. The editors, menus and bars are JupyterLab's.
OURS = [[".jp-NotebookPanel .jp-OutputArea"], [".jp-NotebookPanel .jp-MarkdownOutput"]]
WIDTH = 1280


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with web.browser(tmp_path_factory.mktemp("chrome")) as started:
        yield started


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[web.Server]:
    """Return a JupyterLab beside the release's files, with every notebook solved by the reference."""
    place = tmp_path_factory.mktemp("desk")
    home = tmp_path_factory.mktemp("home")
    assignment = Course.open(ROOT).assignment("rnn")
    shutil.copytree(ROOT / "release" / "rnn" / "data", place / "data")
    hand_in_files(assignment, place)
    for name in NOTEBOOKS:
        nbformat.write(solved(assignment.notebooks[name]), place / f"{name}.ipynb")
    with web.jupyterlab(place, home) as started:
        yield started


def solved(notebook: Notebook) -> Any:
    """Return the notebook of a student who answered everything as the reference does, and trains for a moment only."""
    nb = hand_in(notebook, lambda _, solution: solution)
    for cell in nb.cells:
        for long, short in SHORTER.items():
            cell.source = cell.source.replace(long, short)
    return nb


def harmful(page: Page) -> list[tuple[str, str, list[str]]]:
    """Return what axe calls serious in what we wrote."""
    report = Axe().run(page, context={"include": OURS}).response
    return [
        (found["id"], found["impact"], [node["html"][:200] for node in found["nodes"][:5]])
        for found in report["violations"]
        if found["impact"] in HARMFUL
    ]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_everybody_can_read_a_solved_notebook_light_and_dark(server: web.Server, chrome: Browser, name: str) -> None:
    context = chrome.new_context(viewport={"width": WIDTH, "height": 900}, bypass_csp=True)  # axe is a script
    context.set_default_timeout(web.PATIENCE * 1000)
    page = context.new_page()
    try:
        notebook = web.LabNotebook(page, server, f"{name}.ipynb")
        notebook.run_all()
        expect(notebook.panel.locator(".jp-RenderedText[data-mime-type$=stderr]")).to_have_count(0)
        page.evaluate("document.querySelectorAll('.jp-NotebookPanel details').forEach(part => part.open = true)")
        found = {}
        for theme in ("Light", "Dark"):
            choose_theme(page, theme)
            found[theme] = harmful(page)
            keep_all(page, notebook, f"{name}_{theme.lower()}")
        folded = notebook.panel.locator(".jp-CodeCell:has(.jp-InputArea.jp-mod-hidden, .jp-InputPlaceholder)").count()
        hidden = [cell for cell in notebook.read().cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
        assert folded == len(hidden)
        nameless = "[...document.querySelectorAll('.jp-OutputArea img')].filter(i => (i.alt || '').length < 20).length"
        assert page.evaluate(nameless) == 0, "a figure says nothing to somebody who cannot see it"
        assert found == {"Light": [], "Dark": []}
    finally:
        context.close()


def choose_theme(page: Page, theme: str) -> None:
    """Choose JupyterLab's light or dark theme in the menu, as a person does."""
    page.locator(".lm-MenuBar-item", has_text="Settings").first.click()
    page.locator(".lm-Menu-item", has_text="Theme").first.hover()
    page.locator(".lm-Menu-item", has_text=f"JupyterLab {theme}").first.click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "true" if theme == "Light" else "false")


def keep_all(page: Page, notebook: web.LabNotebook, name: str) -> None:
    """Keep a picture of a whole notebook for people to look at."""
    panel = notebook.panel.locator(".jp-WindowedPanel-outer")
    page.set_viewport_size({"width": WIDTH, "height": 900})  # a change of size has every cell drawn
    page.set_viewport_size({"width": WIDTH, "height": panel.evaluate("panel => panel.scrollHeight") + 200})
    panel.evaluate("panel => panel.scrollTo(0, 0)")
    expect(notebook.panel.locator(".jp-Cell").first).to_be_in_viewport()
    expect(notebook.panel.locator(".jp-Cell").last).to_be_in_viewport()
    web.keep(page, name)
