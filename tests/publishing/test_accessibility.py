"""Can everybody read the pages? axe looks at them in a real browser, light and dark, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import browser as web
import people
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from coursegrader.grading.gradebook.scores import read_results
from coursegrader.publishing import classreport, pages

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(web.chromium() is None, reason="no Chromium here: apt-get install chromium brings it"),
]
SCREENS = {"desk": {"width": 1200, "height": 900}, "phone": {"width": 360, "height": 740}}
HARMFUL = ("serious", "critical")
#: What a student may write that is hard on a layout.
WIDE = "def f(x):\n    return " + " + ".join(["a_rather_long_name"] * 40)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return every kind of page: right, wrong with a hint, waiting, late, blank, all notebooks, the class report."""
    course = people.make_course(tmp_path_factory.mktemp("course"))
    people.make_class(course)
    path = course.step("autograded", "dalia", "rnn") / "a_first.ipynb"
    path.chmod(0o644)
    text = path.read_text("utf-8")
    path.write_text(text.replace("return x + 2", WIDE.partition("\n    ")[2].replace('"', "'")), "utf-8")
    pages.feedback(course, "rnn")
    results = read_results(course, "rnn")
    for student in results.students:
        if student.grading:
            student.grading.claims = {"claimed_accuracy": 0.95, "measured_accuracy": 0.6}
    move = {
        "student": "bo",
        "notebook": "a_first",
        "grade_id": "test_f",
        "before": 4.0,
        "after": 2.5,
        "reason": "test changed",
    }
    report = course.root / "report.html"
    report.write_text(classreport.render(classreport.describe(results) | {"moved": [move]}), "utf-8")
    chosen = ("ada/rnn/a_first", "dalia/rnn/a_first", "dalia/rnn/b_second", "eve/rnn/b_second", "bo/rnn/index")
    return [report, *(course.root / "feedback" / f"{name}.html" for name in chosen)]


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with web.browser(tmp_path_factory.mktemp("chrome")) as started:
        yield started


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_serious_and_nothing_is_cut(
    files: list[Path], chrome: Browser, screen: str, scheme: str
) -> None:
    found = []
    for file in files:
        page = chrome.new_page(viewport=SCREENS[screen], color_scheme=scheme, bypass_csp=True)  # axe is a script
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in HARMFUL:
                places = [node["html"][:150] for node in violation["nodes"][:3]]
                found.append((file.name, violation["id"], violation["impact"], places))
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > SCREENS[screen]["width"]:
            found.append((file.name, "wider than the screen", width))
        cut = page.evaluate(
            "[...document.querySelectorAll('figure svg')].filter(s => s.getClientRects().length)"
            ".map(s => s.getBoundingClientRect()).filter(r => r.right > innerWidth || r.left < 0).length"
        )
        if cut:
            found.append((file.name, "figures are cut", cut))
        page.close()
    assert found == []


def test_axe_does_look(chrome: Browser, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text(
        "<html><body><img src='data:,'><p style='color:#ccc'>pale</p></body></html>", "utf-8"
    )
    page = chrome.new_page()
    page.goto((tmp_path / "bad.html").as_uri())
    found = {row["id"] for row in Axe().run(page).response["violations"] if row["impact"] in HARMFUL}
    page.close()
    assert {"image-alt", "color-contrast", "html-has-lang"} <= found
