"""A real JupyterLab with nbgrader's extensions, and a real Chromium to use it with.

Servers listen on 127.0.0.1 only, with a random port and token; their settings, data and home are temporary folders.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbformat import NotebookNode
from playwright.sync_api import Browser, FrameLocator, Locator, Page, Response, expect, sync_playwright

ROOT = Path(__file__).parent.parent
SCREENSHOTS = ROOT / "artefacts" / "screenshots"
PATIENCE = 120.0  # seconds that anything awaited may take on a busy machine; nothing is ever slept
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
#: What a JupyterLab user would set by hand: no questions on the first start, every cell in the page.
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
    "docmanager-extension/plugin": {"autosave": False},
}

expect.set_options(timeout=PATIENCE * 1000)


def chromium() -> str | None:
    """Return where Debian's Chromium, or another one, is installed; None if nowhere."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def browser(home: Path) -> Iterator[Browser]:
    """Start a headless Chromium whose profile and home are temporary.

    Args:
        home: Empty folder.
    """
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)}
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, env=environment)
        try:
            yield started
        finally:
            started.close()


# -- the server --------------------------------------------------------------------------------------------------------


@dataclass
class Server:
    """A running JupyterLab.

    Attributes:
        root: Folder it serves.
        url: Address, with a slash at its end.
        token: What lets a browser in.
        process: The server's process, the first of its session.
    """

    root: Path
    url: str
    token: str
    process: psutil.Process

    def address(self, path: str) -> str:
        """Return the address of a page, with the token in it."""
        return f"{self.url}{path}?token={self.token}"


@contextmanager
def jupyterlab(root: Path, home: Path, config: str = "", **variables: str) -> Iterator[Server]:
    """Start JupyterLab in a folder; stop it with all its processes afterwards, and fail if one of them stays.

    Args:
        root: Folder to serve; nbgrader's config in it is used, as for anyone who starts JupyterLab there.
        home: Empty folder that takes the place of the user's home.
        config: More of nbgrader's config: what an administrator would put into the user's settings.
        variables: More of the environment.
    """
    _settle(home, config)
    places = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    places |= {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "HOME": ""}
    token = secrets.token_hex(16)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTEST"))}
    environment |= {name: str(home / place) for name, place in places.items()} | {"JUPYTER_TOKEN": token}
    environment.setdefault("OMP_NUM_THREADS", "1")  # threads that wait for each other crawl on a busy machine
    environment |= variables
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.root_dir={root}", "--ServerApp.port=0"]
    with (home / "server.log").open("wb") as log:
        child = subprocess.Popen(
            command, cwd=root, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
    process = psutil.Process(child.pid)
    try:
        yield Server(root, _address(child, home), token, process)
    finally:
        left = _stop(child, token)
    assert not left, f"JupyterLab left processes behind: {left}"


def _settle(home: Path, config: str) -> None:
    """Write the settings of a user who has been here before."""
    for name, values in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), "utf-8")
    (home / "config" / "labconfig").mkdir(parents=True)
    # jupytext is a tool of the people who write this course; students and instructors do not have it
    (home / "config" / "labconfig" / "page_config.json").write_text(
        '{"disabledExtensions": {"jupyterlab-jupytext": true}}'
    )
    (home / "config" / "jupyter_server_config.json").write_text(
        '{"ServerApp": {"jpserver_extensions": {"jupyterlab_jupytext": false, "jupyter_lsp": false}}}'
    )
    (home / "config" / "nbgrader_config.py").write_text(f"c = get_config()\n{config}\n", "utf-8")


def _address(child: subprocess.Popen[bytes], home: Path) -> str:
    """Wait for the file in which a server that listens says where."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for path in (home / "runtime").glob("jpserver-*.json"):
            url = json.loads(path.read_text("utf-8") or "{}").get("url")
            if url:
                return str(url)
        if child.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError("JupyterLab did not start:\n" + (home / "server.log").read_text("utf-8")[-3000:])


def _stop(child: subprocess.Popen[bytes], token: str) -> list[str]:
    """Ask a server to end, and return which of its processes did not, after ending them."""
    family = psutil.Process(child.pid).children(recursive=True) if child.poll() is None else []
    family += [process for process in psutil.process_iter() if process.pid != child.pid and _knows(process, token)]
    child.terminate()
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
    _, alive = psutil.wait_procs(set(family), timeout=PATIENCE / 4)
    left = [str(process) for process in alive]
    for process in alive:
        process.kill()
    return left


def _knows(process: psutil.Process, token: str) -> bool:
    """Tell whether a process was started with a server's token: such a one is the server's, whoever its parent is."""
    try:
        return process.environ().get("JUPYTER_TOKEN") == token
    except psutil.Error:  # it has just ended, or is somebody else's
        return False


def menu(page: Page, title: str, entry: str) -> None:
    """Choose an entry of JupyterLab's menu bar."""
    page.locator(".lm-MenuBar-item", has_text=title).first.click()
    page.locator(".lm-Menu-item:not(.lm-mod-disabled)", has_text=entry).first.click()


# -- a notebook in JupyterLab ------------------------------------------------------------------------------------------


class LabNotebook:
    """A notebook opened in JupyterLab's single-document mode, used the way a person does: mouse and keys."""

    def __init__(self, page: Page, server: Server, path: str) -> None:
        """Open a notebook and wait for its kernel.

        Args:
            page: An empty page.
            server: Where the notebook is.
            path: The notebook, relative to the server's root.
        """
        self.page, self.path = page, server.root / path
        page.goto(server.address(f"doc/tree/{path}"))
        self.panel = page.locator(".jp-NotebookPanel")
        self.kernel = page.locator("#jp-main-statusbar")  # only this one also knows kernels that do not listen yet
        expect(self.panel.locator(".jp-Cell")).to_have_count(len(self.read().cells))
        expect(self.kernel).to_contain_text("| Idle")
        self.panel.locator(".jp-Cell").first.click()  # the menus are about the notebook that has the focus
        expect(self.panel.locator(".jp-Cell").first).to_contain_class("jp-mod-active")

    def read(self) -> NotebookNode:
        """Return the notebook as it is on disk."""
        return nbformat.read(self.path, as_version=4)

    def cell(self, cell_id: str) -> Locator:
        """Return a cell by its id."""
        index = [cell.id for cell in self.read().cells].index(cell_id)
        return self.panel.locator(".jp-Cell").nth(index)

    def enter(self, cell_id: str) -> None:
        """Put the cursor into a cell."""
        cell = self.cell(cell_id)
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").click()
        expect(cell.locator(".cm-content")).to_be_focused()

    def type_answer(self, cell_id: str, lines: list[str]) -> None:
        """Type an answer over the last line of a cell, key by key; the editor keeps the indentation.

        Args:
            cell_id: A cell that ends in ``raise NotImplementedError()``.
            lines: Lines of one and the same indentation.
        """
        self.enter(cell_id)
        keyboard = self.page.keyboard
        keyboard.press("Control+End")
        keyboard.press("Shift+Home")
        for number, line in enumerate(lines):
            if number:
                keyboard.press("Enter")
            keyboard.type(line)
        expect(self.cell(cell_id).locator(".cm-content")).to_contain_text(lines[-1])

    def paste_answer(self, cell_id: str, source: str) -> None:
        """Put a whole new source into a cell, as from the clipboard."""
        self.enter(cell_id)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)
        expect(self.cell(cell_id).locator(".cm-content")).to_contain_text(source.strip().splitlines()[-1].strip())

    def write_markdown(self, cell_id: str, text: str) -> None:
        """Choose a rendered Markdown cell, type over what it says, and render it."""
        cell = self.cell(cell_id)
        cell.scroll_into_view_if_needed()
        cell.locator(".jp-MarkdownOutput").click()
        expect(cell).to_contain_class("jp-mod-active")
        self.page.keyboard.press("Enter")
        expect(cell.locator(".cm-content")).to_be_focused()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Shift+Enter")
        expect(cell.locator(".jp-MarkdownOutput")).to_contain_text(text)

    def run_all(self, seconds: float = PATIENCE) -> None:
        """Choose Run > Run All Cells and wait until all that can run has run."""
        open_cells = self.panel.locator(".jp-CodeCell .jp-InputPrompt:not(.jp-Placeholder-prompt)")
        first = open_cells.first  # a folded cell shows no number
        before = first.inner_text()
        menu(self.page, "Run", "Run All Cells")
        expect(first).not_to_have_text(before)
        self.wait_idle(seconds)

    def wait_idle(self, seconds: float = PATIENCE) -> None:
        """Wait until no cell is running or waiting to be run."""
        waiting = self.panel.locator(".jp-InputPrompt", has_text="[*]")
        expect(waiting).to_have_count(0, timeout=seconds * 1000)
        expect(self.kernel).to_contain_text("| Idle", timeout=seconds * 1000)

    def save(self) -> None:
        """Save with the keyboard and wait until the server has it."""
        with self.page.expect_response(_is_saved):
            self.page.keyboard.press("Control+s")

    def output(self, cell_id: str) -> Locator:
        """Return what a cell has printed and drawn."""
        return self.cell(cell_id).locator(".jp-OutputArea")

    def validate(self, picture: str = "") -> str:
        """Press nbgrader's Validate button and return what the dialog says.

        Args:
            picture: Name under which to keep a screenshot of the dialog, if any.
        """
        self.panel.get_by_role("button", name="Validate").click()
        dialog = self.page.locator(".jp-Dialog", has_text="Validation Results")
        expect(dialog).to_be_visible()
        text = dialog.inner_text()
        if picture:
            keep(self.page, picture)
        dialog.locator("button").last.click()
        expect(dialog).to_have_count(0)
        return text


def _is_saved(response: Response) -> bool:
    """Tell whether this answers the request that saves a notebook."""
    return response.request.method == "PUT" and "/api/contents/" in response.url and response.ok


# -- pictures ----------------------------------------------------------------------------------------------------------


def keep(place: Page | Locator | FrameLocator, name: str) -> None:
    """Keep a screenshot for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    place.screenshot(path=SCREENSHOTS / f"{name}.png")
