"""Does the feedback page say what a student needs, and nothing that is hidden?"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import people
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_output
from small_course import canonical, cell

from coursegrader.course.course import Course
from coursegrader.grading.logs.records import previous, write_logs
from coursegrader.model import NotebookResult
from coursegrader.publishing import pages
from coursegrader.publishing.cards import Card, Row
from coursegrader.publishing.feedback import TEMPLATES, Feedback


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = people.make_course(tmp_path_factory.mktemp("course"))
    people.make_class(made)
    pages.feedback(made, "rnn")
    return made.root


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Course:
    shutil.copytree(template, tmp_path / "course")
    return Course.open(tmp_path / "course")


def page(root: Path, student: str, notebook: str) -> BeautifulSoup:
    return BeautifulSoup((root / "feedback" / student / "rnn" / f"{notebook}.html").read_text("utf-8"), "html.parser")


def words(soup: BeautifulSoup, selector: str = "body") -> str:
    return re.sub(r"\s+", " ", " ".join(tag.get_text(" ") for tag in soup.select(selector)))


def test_whatever_a_notebook_holds_no_region_and_no_output_reaches_its_page() -> None:
    region = "### BEGIN HIDDEN TESTS\nsecret = 5\n### END HIDDEN TESTS"
    whole = cell("test", "test_f", f"assert f(1) == 2\n{region}", 2)
    torn = cell("test", "test_g", "assert g(1) == 2\n### BEGIN HIDDEN TESTS\nsecret = 5", 2)
    own = cell("solution", "f", "f = abs  # secret of my own")
    for code in (whole, torn, own):
        code.outputs = [new_output("stream", text="a secret that was printed")]
    nb, _ = Feedback()._without_secrets(canonical([whole, torn, own]), {})
    assert [code.source for code in nb.cells] == ["assert f(1) == 2", "", "f = abs  # secret of my own"]
    assert [code.outputs for code in nb.cells] == [[], [], []]


def test_the_points_are_the_gradebooks(template: Path) -> None:
    assert "6 of 4 points, 2 of them from the optional part (up to 2 on top)" in words(
        page(template, "ada", "a_first"), ".total"
    )
    assert "8 of 8 points" in words(page(template, "ada", "b_second"), ".total")
    assert "2.5 of 4 points" in words(page(template, "bo", "a_first"), ".total")
    assert "6 of 8 points, after 1 point off for handing in late" in words(
        page(template, "dalia", "b_second"), ".total"
    )


def test_each_question_says_how_it_went_in_words(template: Path) -> None:
    assert "full points 4 of 4" in words(page(template, "ada", "a_first"), "#q-test_f")
    assert "partly right 2.5 of 4" in words(page(template, "bo", "a_first"), "#q-test_f")
    assert "not right yet 0 of 4" in words(page(template, "dalia", "a_first"), "#q-test_f")
    assert "waiting for a grader" in words(page(template, "bo", "b_second"), "#q-q1")
    assert "not answered" in words(page(template, "eve", "b_second"), "#q-q1")


def test_it_says_what_is_wrong_where_how_far_off_and_what_to_look_at(template: Path) -> None:
    soup = page(template, "dalia", "a_first")
    row = words(soup, "#q-test_f .evidence tbody tr")
    for part in ("f (case 1)", "wrong value", "0.25", "0.0001 + 0.0001 x |expected|", "largest error at index [0, 2]"):
        assert part in row
    assert soup.select_one("#q-test_f .hint em").text == "twice"
    first = soup.select_one("#results .first li")
    assert first.a["href"] == "#q-test_f"
    assert first.get_text().endswith(": f (case 1): off by 0.25.")


def test_graders_comments_are_rendered_below_the_answer(template: Path) -> None:
    soup = page(template, "dalia", "b_second")
    comment = soup.select_one("#q-q1 .comment")
    assert comment.b.get_text() == "idea"
    assert comment.em.get_text() == "norm"
    text = str(soup)
    assert text.index("Because, says dalia.") < text.index("Comment from your grader")


def test_a_blank_answer_is_called_that_and_only_once(template: Path) -> None:
    soup = page(template, "eve", "b_second")
    assert words(soup, "#q-q1").split()[-7:] == ["–", "not", "answered", "0", "of", "5", "points"]  # noqa: RUF001 -- a dash


def test_repairs_are_told_and_suspicions_are_not(template: Path) -> None:
    assert "a.ipynb: was graded as a_first.ipynb" in words(page(template, "bo", "a_first"), ".findings")
    assert "uses sys" not in page(template, "eve", "a_first").get_text()


def test_the_students_own_answers_are_there(template: Path) -> None:
    assert "# by bo" in page(template, "bo", "a_first").get_text()
    assert "Because, says bo." in page(template, "bo", "b_second").get_text()


def test_nothing_hidden_reaches_any_page_or_file_beside_it(template: Path) -> None:
    for path in (template / "feedback").rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8")
            assert [word for word in people.SECRETS if word in text] == [], path
            assert "BEGIN" not in text, path


def test_no_log_leaves_points_and_says_so(course: Course) -> None:
    course.step("autograded", "bo", "rnn").joinpath("submission_log.json").unlink()
    pages.feedback(course, "rnn", "bo")
    soup = page(course.root, "bo", "a_first")
    assert "2.5 of 4 points" in words(soup, ".total")
    assert "The detailed report is missing" in words(soup, ".notice")


def test_a_notebook_that_could_not_be_read_is_told_on_the_pages_there_are(course: Course) -> None:
    grading, _ = previous(course, "bo", "rnn")
    assert grading is not None
    missing = NotebookResult("b_second", degraded="b_second.ipynb is empty: hand in the notebook again")
    write_logs(course, grading, None, [missing])
    pages.feedback(course, "rnn", "bo")
    notice = words(page(course.root, "bo", "a_first"), ".notice")
    assert notice == "b_second: b_second.ipynb is empty: hand in the notebook again."


def test_a_forged_log_is_not_believed(course: Course) -> None:
    path = course.step("autograded", "bo", "rnn") / "submission_log.json"
    path.write_text(path.read_text("utf-8").replace("wrong_value", "passed"), "utf-8")
    pages.feedback(course, "rnn", "bo")
    assert "The detailed report is missing" in words(page(course.root, "bo", "a_first"), ".notice")


EVIL = """<script>alert('pwned')</script>
[x](javascript:alert(1)) <svg onload=alert(1)></svg>
### BEGIN MARK SCHEME
![x](attachment:nowhere.png) $\\frac{$"""


def test_hostile_answers_are_shown_and_do_nothing(course: Course) -> None:
    """What a student types may look like markup, markers or formulas: the page stands, nothing runs."""
    folder = course.step("autograded", "bo", "rnn")
    for name, cell_id, text in (
        ("b_second", "q1_answer", EVIL),
        ("a_first", "f", "### BEGIN HIDDEN TESTS\ns = '</pre><script>alert(1)</script>'"),
    ):
        nb = nbformat.read(folder / f"{name}.ipynb", as_version=4)
        next(cell for cell in nb.cells if cell.id == cell_id).source = text
        (folder / f"{name}.ipynb").chmod(0o644)
        nbformat.write(nb, folder / f"{name}.ipynb")
    pages.feedback(course, "rnn", "bo")
    for name in ("a_first", "b_second"):
        soup = page(course.root, "bo", name)
        assert soup.find_all(["script", "iframe", "svg", "object", "form"]) == []
        assert [a for a in soup.find_all("a") if not a.get("href", "#").startswith(("#", "http", "index.html"))] == []
        assert not [tag for tag in soup.find_all(True) if any(key.startswith("on") for key in tag.attrs)]
    assert "alert('pwned')" in page(course.root, "bo", "b_second").get_text()
    assert "BEGIN HIDDEN TESTS" in page(course.root, "bo", "a_first").get_text()  # the student's own words


def test_the_page_forbids_scripts_and_the_network_by_itself(template: Path) -> None:
    for path in (template / "feedback").rglob("*.html"):
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert soup.find_all(["script", "link"]) == []


def test_the_page_can_be_read_by_everybody(template: Path) -> None:
    for path in (template / "feedback").rglob("*.html"):
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        assert soup.html["lang"] == "en"
        assert soup.find("meta", {"name": "viewport"}) is not None
        assert len(soup.find_all("h1")) == 1
        assert len(soup.find_all("main")) == 1
        levels = [int(tag.name[1]) for tag in soup.find_all(re.compile(r"^h\d$"))]
        assert all(later <= earlier + 1 for earlier, later in pairwise(levels)), levels
        ids = [tag["id"] for tag in soup.find_all(id=True)]
        assert len(ids) == len(set(ids))
        assert {a["href"][1:] for a in soup.select("a[href^='#']")} <= set(ids)
        assert all(image.get("alt") for image in soup.find_all("img"))
        assert all(th.get("scope") for th in soup.find_all("th"))
        assert all(any(c.isalpha() for c in mark.text) for mark in soup.select(".mark"))  # never colour alone


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_text_stands_out_in_light_and_dark() -> None:
    css = (TEMPLATES / "page.css").read_text("utf-8")
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    )
    assert set(light) == set(dark)
    pairs = [(ink, back) for ink in ("ink", "soft", "link", "good", "bad", "part") for back in ("page", "card")]
    pairs += [(ink, "card") for ink in ("keyword", "string", "comment", "number", "name")]
    pairs += [
        ("good", "good-back"),
        ("part", "part-back"),
        ("bad", "bad-back"),
        ("wait", "wait-back"),
        ("ink", "hint-back"),
    ]
    for colours in (light, dark):
        low = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
        assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}


def test_plain_nbgrader_makes_the_same_page(course: Course) -> None:
    before = (course.root / "feedback" / "ada" / "rnn" / "a_first.html").read_text("utf-8")
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", "rnn", "--student=ada", "--force"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (course.root / "feedback" / "ada" / "rnn" / "a_first.html").read_text("utf-8") == before


def test_the_first_page_has_the_total_and_a_way_to_every_notebook(template: Path) -> None:
    soup = page(template, "dalia", "index")
    assert "5 of 12 points, after 2 points off for handing in late" in words(soup, ".total")
    assert [(a["href"], a.text) for a in soup.select("tbody a")] == [
        ("a_first.html", "a_first"),
        ("b_second.html", "b_second"),
    ]
    assert "2 questions without full points" in words(soup, "tbody tr:first-child")
    assert all((template / "feedback" / "dalia" / "rnn" / a["href"]).is_file() for a in soup.select("tbody a"))
    assert "1 answer is still to be read by a person" in words(page(template, "bo", "index"))


def test_given_text_is_folded_and_so_is_an_answer_with_nothing_to_mend(template: Path) -> None:
    soup = page(template, "bo", "a_first")
    assert soup.select(".prose, .code[aria-label='given code']") == soup.select(
        "details.given .prose, details.given .code[aria-label='given code']"
    )
    assert soup.select("details.own") == []  # partly right: it is open
    assert page(template, "ada", "a_first").select("details.own") != []
    assert all(not details.has_attr("open") for details in soup.find_all("details"))


def test_a_damaged_upload_begins_with_what_happened_and_what_to_do(course: Course) -> None:
    grading, _ = previous(course, "bo", "rnn")
    assert grading is not None
    write_logs(
        course, grading, None, [NotebookResult("b_second", degraded="b_second.ipynb is empty: hand it in again")]
    )
    pages.feedback(course, "rnn", "bo")
    soup = page(course.root, "bo", "b_second")
    assert soup.h1.find_next("p").get_text() == "b_second.ipynb is empty: hand it in again."
    assert soup.select(".card") == []
    assert "b_second.ipynb is empty" in words(page(course.root, "bo", "index"), ".notice")


def test_an_answer_that_changed_after_it_was_graded_says_so_with_its_old_score(course: Course) -> None:
    with people.gradebook(course) as book:
        book.find_grade("q1", "b_second", "rnn", "ada").needs_manual_grade = True
        book.db.commit()
    pages.feedback(course, "rnn", "ada")
    assert "changed since it was graded; 5 until it is read again" in words(
        page(course.root, "ada", "b_second"), "#q-q1"
    )


def test_a_file_without_any_answer_is_called_that_and_says_what_to_do(course: Course) -> None:
    grading, _ = previous(course, "bo", "rnn")
    assert grading is not None
    with people.gradebook(course) as book:
        for grade in book.find_submission("rnn", "bo").notebooks[0].grades:
            grade.auto_score, grade.manual_score, grade.needs_manual_grade = 0.0, None, False
        book.db.commit()
    first = grading.notebook("a_first")
    assert first is not None
    for found in first.cells:
        found.verdict, found.points, found.evidence = "no_response", 0.0, []
    write_logs(course, grading, None, [first])
    pages.feedback(course, "rnn", "bo")
    said = words(page(course.root, "bo", "a_first"), ".notice")
    assert said.startswith("Nothing is answered in this file: every answer is as it was released. If you did answer,")
    assert page(course.root, "bo", "a_first").select("ol.first") == []
    assert "nothing is answered: is it the file that you saved?" in words(page(course.root, "bo", "index"), "tbody")
    assert "nothing is answered" not in words(page(course.root, "ada", "index"))


def test_bonus_points_stand_beside_the_required_ones(template: Path) -> None:
    assert "4 / 4 + 2 bonus" in words(page(template, "ada", "index"), "tbody tr:first-child")
    assert "2.5 / 4" in words(page(template, "bo", "index"), "tbody tr:first-child")


def test_where_nothing_can_be_measured_the_hint_is_what_helps_most() -> None:
    def card(error: str, reason: str = "") -> Card:
        row = Row("names", "wrong", "wrong value", error, "", "another value was expected")
        reasons = [reason] if reason else []
        return Card(
            "g", "q-g", "1.A", "wrong", "not right yet", "0", "1", False, reasons, "", "Stop at the end.", wrong=[row]
        )

    assert card("").gist == "Stop at the end."
    assert card("0.25").gist == "names: off by 0.25."
    assert card("0.25", "A test that you can see fails.").gist == "Stop at the end."
    assert card("", "Your cell did not run: SyntaxError, line 3.").gist.startswith("Your cell did not run")
