"""The whole day in a real browser: instructor and student in JupyterLab, from the button that makes a homework on."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import browser as web
import nbformat
import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from coursegrader.authoring.demo import hand_in
from coursegrader.authoring.release import check_release
from coursegrader.course.course import Course, Notebook
from coursegrader.course.markers import without_markers

pytestmark = [
    pytest.mark.slow,
    pytest.mark.flaky(reruns=1),  # a browser may stumble once; the summary lists each rerun
    pytest.mark.skipif(web.chromium() is None, reason="no Chromium here: apt-get install chromium brings it"),
]

ROOT = Path(__file__).parent.parent
LARGE = (1500, 1700)  # pixels: a whole figure, or a whole mark scheme, on one screen
SECRET = "the-secret-of-the-grading-machine"
COMMENT = "Well put; and why did frozen batch-norm scales help?"
ANSWER = "Measure before you optimise: much of the time went into preprocessing, not into convolutions."


@dataclass
class School:
    """One instructor and one student, each with a JupyterLab of their own; an exchange between them.

    Attributes:
        root: The instructor's course folder.
        desk: The student's folder.
        instructor: JupyterLab in the course folder.
        student: JupyterLab in the student's folder.
    """

    root: Path
    desk: Path
    instructor: web.Server
    student: web.Server


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a browser for this file's tests."""
    with web.browser(tmp_path_factory.mktemp("chrome")) as started:
        yield started


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """Start both JupyterLabs; the course is the real one, but for the notebooks that take long to grade."""
    place = tmp_path_factory.mktemp("school")
    for name in ("course", "desk", "instructor", "student"):
        (place / name).mkdir()
    exchange = place / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    config = f"c.Exchange.root = {str(exchange)!r}\nc.CourseDirectory.course_id = 'rnn-course'"
    write_course(place / "course", "rnn", ["1_backprop", "5_fast_training"])
    write_course(place / "course", "leaky", ["5_fast_training"])
    with (
        web.jupyterlab(place / "course", place / "instructor", config, COURSE_SECRET=SECRET) as instructor,
        web.jupyterlab(place / "desk", place / "student", f"{config}\nc.CourseDirectory.student_id = 'ada'") as student,
    ):
        yield School(place / "course", place / "desk", instructor, student)


@pytest.fixture
def page(chrome: Browser) -> Iterator[Page]:
    """Return an empty page, as large as that of a laptop; without cookies of others."""
    with new_page(chrome) as opened:
        yield opened


@contextmanager
def new_page(chrome: Browser, width: int = 1280, height: int = 900, **options: str) -> Iterator[Page]:
    """Open a page in a browser session of its own."""
    context = chrome.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(web.PATIENCE * 1000)
    try:
        yield context.new_page()
    finally:
        context.close()


def write_course(root: Path, assignment: str, notebooks: list[str]) -> None:
    """Copy part of the real course: notebooks, their known mistakes, and the config."""
    source = ROOT / "source" / "rnn"
    shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    folder = root / "source" / assignment
    folder.mkdir(parents=True)
    for name in notebooks:
        shutil.copyfile(source / f"{name}.ipynb", folder / f"{name}.ipynb")
        shutil.copytree(source / "mistakes" / name, folder / "mistakes" / name)


def real(name: str) -> Notebook:
    """Return a notebook of the real course."""
    return Course.open(ROOT).assignment("rnn").notebooks[name]


# -- the formgrader ----------------------------------------------------------------------------------------------------


def open_formgrader(page: Page, server: web.Server) -> FrameLocator:
    """Open the formgrader from JupyterLab's menu."""
    page.goto(server.address("lab"))
    web.menu(page, "Nbgrader", "Formgrader")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#main-table tr").first).to_be_visible()
    return frame


def row(frame: FrameLocator, text: str) -> Locator:
    """Return the row of the table with exactly this text in one of its cells."""
    return frame.locator("#main-table tr").filter(has=frame.locator("td", has_text=re.compile(f"^{re.escape(text)}$")))


def press(frame: FrameLocator, button: Locator) -> str:
    """Press a button of the formgrader's table, wait for its dialog, close it, and return what it says."""
    button.click()
    dialog = frame.locator(".modal").filter(has=frame.locator(".modal-title", has_text=re.compile("Success|Error")))
    expect(dialog).to_be_visible()
    text = dialog.inner_text()
    dialog.locator(".modal-footer button").click()
    expect(dialog).to_have_count(0)
    return text


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_homework_goes_from_the_button_that_makes_it_to_the_page_that_marks_it(
    school: School, chrome: Browser
) -> None:
    with new_page(chrome) as desk, new_page(chrome, *LARGE) as office:
        instructor_releases(office, school)
        student_fetches(desk, school)
        student_solves_by_typing(desk, school)
        student_answers_in_words(desk, school)
        student_submits(desk, school)
        instructor_collects_and_autogrades(office, school)
        instructor_grades_the_written_answer(office, school)
        instructor_generates_feedback(office, school)
    student_reads_the_feedback(chrome, school)


def instructor_releases(page: Page, school: School) -> None:
    """Generate with the button; what it makes is byte for byte what the command line makes."""
    frame = open_formgrader(page, school.instructor)
    assert "Successfully created the student version" in press(frame, row(frame, "rnn").locator(".assign a"))
    assert check_release(Course.open(school.root), "rnn") == []
    web.keep(page, "formgrader_assignments")
    assert "Successfully released" in press(frame, row(frame, "rnn").locator(".release a"))


def student_fetches(page: Page, school: School) -> None:
    """Fetch the homework in the assignment list."""
    page.goto(school.student.address("lab"))
    web.menu(page, "Nbgrader", "Assignment List")
    released = page.locator("#released_assignments_list")
    expect(released).to_contain_text("rnn")
    released.get_by_role("button", name="Fetch").click()
    expect(page.locator("#fetched_assignments_list")).to_contain_text("rnn")
    assert (school.desk / "rnn" / "1_backprop.ipynb").exists()


def student_solves_by_typing(page: Page, school: School) -> None:
    """Type the answers, run all, validate; then spoil one, see it named, and mend it."""
    notebook = web.LabNotebook(page, school.student, "rnn/1_backprop.ipynb")
    notebook.type_answer("forward_pass", ["t = u3 + w * u2 + w**2 * u1", "return t, w * t"])
    notebook.type_answer("derivative", ["return u3 + 2 * w * u2 + 3 * w**2 * u1"])
    notebook.type_answer("node_derivatives", ["return w**3, w**2, w**2, w, w"])
    edges = "edges = w**2 * u1, w * (w * u1 + u2), u3 + w * u2 + w**2 * u1"
    notebook.type_answer("edge_contributions", [edges, "return (*edges, sum(edges))"])
    notebook.run_all()
    for part, cell in zip(
        "abcd", ["forward_pass", "derivative", "node_derivatives", "edge_contributions"], strict=True
    ):
        expect(notebook.output(f"test_{cell}")).to_contain_text(f"1({part}): Format OK")
    web.keep(page, "student_solved")
    notebook.save()
    assert "Success! Your notebook passes all the tests." in notebook.validate()

    notebook.type_answer("derivative", ["return w, 1"])
    notebook.save()
    verdict = notebook.validate(picture="student_validate_failure")
    assert "The following cell failed" in verdict
    assert "dy/dw should be one number" in verdict

    notebook.type_answer("derivative", ["return u3 + 2 * w * u2 + 3 * w**2 * u1"])
    notebook.save()


def student_answers_in_words(page: Page, school: School) -> None:
    """Solve 5(a) half, and write an answer to 5(b) into its Markdown cell."""
    notebook = web.LabNotebook(page, school.student, "rnn/5_fast_training.ipynb")
    facts = ["baseline_seconds, baseline_accuracy = 341, 94", "final_seconds, final_accuracy = 100, 94"]
    notebook.type_answer("training_facts", facts)
    notebook.write_markdown("q5b_answer", ANSWER)
    notebook.run_all()
    expect(notebook.output("test_training_facts")).to_contain_text("Format OK")
    notebook.save()


def student_submits(page: Page, school: School) -> None:
    """Submit in the assignment list."""
    page.goto(school.student.address("lab"))
    web.menu(page, "Nbgrader", "Assignment List")
    fetched = page.locator("#fetched_assignments_list")
    fetched.get_by_role("button", name="Submit").click()
    expect(page.locator("#submitted_assignments_list")).to_contain_text("rnn")


def instructor_collects_and_autogrades(page: Page, school: School) -> None:
    """Collect and autograde with the buttons; the points are those the answers deserve."""
    frame = open_formgrader(page, school.instructor)
    assert "Successfully collected" in press(frame, row(frame, "rnn").locator(".collect a"))
    assert (school.root / "submitted" / "ada" / "rnn" / "1_backprop.ipynb").exists()
    row(frame, "rnn").locator(".num-submissions a").click()
    assert "Successfully autograded" in press(frame, row(frame, "ada").locator(".autograde a"))
    # 10 for notebook 1; 2 for the right half of 5(a); the written ones wait
    expect(row(frame, "ada").locator(".score")).to_have_text("12 / 23")
    expect(row(frame, "ada").locator(".status")).to_have_text("needs manual grading")
    web.keep(page, "formgrader_submissions")


def instructor_grades_the_written_answer(page: Page, school: School) -> None:
    """See question, mark scheme and answer on one page; type a score and a comment."""
    frame = page.frame_locator("iframe")
    frame.get_by_role("link", name="Manual Grading").click()
    row(frame, "rnn").get_by_role("link").first.click()
    row(frame, "5_fast_training").get_by_role("link").first.click()
    frame.get_by_role("link", name="Submission #1").click()
    question = frame.locator(".cell", has=frame.locator("#q5b")).last
    expect(question).to_contain_text("What have you learnt?")
    expect(question).to_contain_text("Model answer")
    expect(frame.get_by_role("main")).to_contain_text(ANSWER)
    score = frame.locator("#q5b")
    score.click()
    page.keyboard.type("2.5")
    with page.expect_response(lambda response: "/api/grade/" in response.url and response.request.method == "PUT"):
        page.keyboard.press("Tab")
    frame.locator("#q5b-comment").click()
    page.keyboard.type(COMMENT)
    with page.expect_response(lambda response: "/api/comment/" in response.url and response.request.method == "PUT"):
        page.keyboard.press("Tab")
    web.keep(page, "formgrader_mark_scheme")


def instructor_generates_feedback(page: Page, school: School) -> None:
    """Generate the feedback with the button."""
    frame = open_formgrader(page, school.instructor)
    row(frame, "rnn").locator(".num-submissions a").click()
    expect(row(frame, "ada").locator(".score")).to_have_text("14.5 / 23")
    assert "Successfully generated feedback" in press(frame, row(frame, "ada").locator(".generate-feedback a"))


def student_reads_the_feedback(chrome: Browser, school: School) -> None:
    """Read score, comment and what is wrong, on a screen, in the dark and on a phone; nothing secret is there."""
    address = (school.root / "feedback" / "ada" / "rnn" / "5_fast_training.html").as_uri()
    views = {"desktop": (1280, 900, "light"), "dark": (1280, 900, "dark"), "phone": (390, 844, "light")}
    for name, (width, height, scheme) in views.items():
        with new_page(chrome, width, height, color_scheme=scheme) as page:
            page.goto(address)
            text = page.locator("body").inner_text()
            assert COMMENT in text
            assert ANSWER in text
            assert re.search(r"2\.5\s*(/|of)\s*3\b", text), text
            assert "Typical thin answers" not in text
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
                f"{name} scrolls sideways"
            )
            page.screenshot(path=web.SCREENSHOTS / f"feedback_{name}.png", full_page=True)


def test_the_generate_button_refuses_what_leaks(school: School, page: Page) -> None:
    source = school.root / "source" / "leaky" / "5_fast_training.ipynb"
    clean = source.read_bytes()
    frame = open_formgrader(page, school.instructor)
    assert "Successfully created" in press(frame, row(frame, "leaky").locator(".assign a"))
    before = contents(school.root / "release" / "leaky")
    assert set(before) == {"5_fast_training.ipynb"}

    notebook = nbformat.read(source, as_version=4)
    scheme = next(cell.source for cell in notebook.cells if cell.id == "q5b")
    leak = next(line for line in scheme.splitlines() if line.startswith("Model answer"))
    notebook.cells[1].source += f"\n\n{leak}"  # as when a cell is copied to work on it
    nbformat.write(notebook, source)
    answer = press(frame, row(frame, "leaky").locator(".assign a"))
    web.keep(page, "formgrader_leak_refused")
    assert "There was an error creating the student version" in answer
    assert "contains text of a secret region of 5_fast_training, q5b" in answer
    assert contents(school.root / "release" / "leaky") == before

    source.write_bytes(clean)
    assert "Successfully created" in press(frame, row(frame, "leaky").locator(".assign a"))
    assert contents(school.root / "release" / "leaky") == before


# -- the box -----------------------------------------------------------------------------------------------------------

#: Looks around, and leaves marks where it can; {placeholders} are filled with what exists on the grading machine.
SPY = """
import json, os, socket
seen = {{}}
def attempt(name, action):
    try:
        seen[name] = action()
    except Exception as error:
        seen[name] = f"refused: {{type(error).__name__}}"
def connect():
    with socket.create_connection(("127.0.0.1", {port}), timeout=5):
        return "connected"
def mark(path):
    with open(path, "w") as file:
        return file.write("student code was here")
attempt("course", lambda: sorted(os.listdir({root!r})))
attempt("secret", lambda: os.environ["COURSE_SECRET"])
attempt("server", connect)
for number, path in enumerate({marks!r}):
    attempt(f"mark {{number}}", lambda: mark(path))
print("SEEN " + json.dumps(seen))
"""


def test_the_autograde_button_runs_student_code_only_in_the_box(school: School, page: Page, tmp_path: Path) -> None:
    marks = [school.root / "mark", school.root / "grading" / "mark", tmp_path / "mark", Path("/var/tmp") / f"{SECRET}"]
    port = int(school.instructor.url.rsplit(":", 1)[1].strip("/"))
    spy = SPY.format(root=str(school.root), port=port, marks=[str(mark) for mark in marks])
    (school.root / "grading").mkdir(exist_ok=True)
    environment = {**os.environ, "COURSE_SECRET": SECRET}
    outside = subprocess.run([sys.executable, "-c", spy], env=environment, capture_output=True, text=True, check=True)
    told = read_seen(outside.stdout)  # without a box it sees and marks everything, or this test would show nothing
    assert "source" in told["course"]
    assert (told["secret"], told["server"]) == (SECRET, "connected")
    for mark in marks:
        mark.unlink()

    if not (school.root / "release" / "rnn").exists():  # when this test is run alone
        subprocess.run(["coursegrader", "release", "rnn"], cwd=school.root, check=True)
    original = Course.open(school.root).assignment("rnn").notebooks["1_backprop"]
    spying = hand_in(original, lambda cell, solution: solution)
    spying.cells.insert(2, nbformat.v4.new_code_cell(spy, id="spy"))
    folder = school.root / "submitted" / "mallory" / "rnn"
    folder.mkdir(parents=True, exist_ok=True)  # there already when a browser stumbled and the test is run again
    nbformat.write(spying, folder / "1_backprop.ipynb")
    frame = open_formgrader(page, school.instructor)
    row(frame, "rnn").locator(".num-submissions a").click()
    assert "Successfully autograded" in press(frame, row(frame, "mallory").locator(".autograde a"))

    graded = nbformat.read(school.root / "autograded" / "mallory" / "rnn" / "1_backprop.ipynb", as_version=4)
    seen = read_seen("".join(out.get("text", "") for cell in graded.cells for out in cell.get("outputs", [])))
    assert all(str(seen[name]).startswith("refused") for name in ("course", "secret", "server")), seen
    assert [str(mark) for mark in marks if mark.exists()] == []
    log = json.loads((school.root / "autograded" / "mallory" / "rnn" / "submission_log.json").read_text("utf-8"))
    assert {entry["rung"] for entry in log["grading"]["notebooks"]} <= {1, 2, 3}


def read_seen(text: str) -> dict[str, object]:
    """Return what the spy says it saw."""
    (line,) = re.findall(r"^SEEN (.*)$", text, flags=re.M)
    return dict(json.loads(line))


# -- figures -----------------------------------------------------------------------------------------------------------


def test_moving_a_slider_redraws_the_gradients(school: School, chrome: Browser) -> None:
    with new_page(chrome, *LARGE) as page:
        move_a_slider(page, school)


def move_a_slider(page: Page, school: School) -> None:
    """Solve the parts that the visualiser needs, and use its first slider with mouse and keys."""
    original = real("3_rnn")
    nbformat.write(original.release, school.desk / "3_rnn.ipynb")
    notebook = web.LabNotebook(page, school.student, "3_rnn.ipynb")
    solutions = {cell.id: without_markers(cell.source) for cell in original.source.cells}
    for cell in ("rnn_layer", "regression_model", "loss_fn", "scale_parameters", "recurrent_matrix"):
        notebook.paste_answer(cell, solutions[cell])
    notebook.run_all()
    expect(notebook.output("test_recurrent_matrix")).to_contain_text("All visible tests of recurrent_matrix passed.")

    sliders = notebook.output("sliders")
    figure, handle = sliders.locator("img"), sliders.get_by_role("slider").first
    twin = notebook.output("gradient_picture")
    twin.locator("img").scroll_into_view_if_needed()  # cells on the way grow as they come into view
    twin.screenshot(path=web.SCREENSHOTS / "visualiser_static_twin.png")
    figure.scroll_into_view_if_needed()
    before, address = figure.screenshot(), figure.get_attribute("src")
    web.keep(page, "visualiser_before")
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y)  # in one go: one position, one redraw
    page.mouse.up()
    expect(figure).not_to_have_attribute("src", address)
    notebook.wait_idle()
    assert float(handle.get_attribute("aria-valuenow")) > 2
    assert figure.screenshot() != before
    web.keep(page, "visualiser_after")
    address = figure.get_attribute("src")
    handle.press("Home")
    expect(sliders.locator(".widget-readout").first).to_have_text("0.00")
    expect(figure).not_to_have_attribute("src", address)


def test_training_draws_its_figures_and_writes_what_is_handed_in(school: School, chrome: Browser) -> None:
    original = real("4_last_names")
    folder = school.desk / "names"
    shutil.copytree(ROOT / "source" / "rnn" / "data", folder / "data")
    nbformat.write(hand_in(original, lambda cell, solution: solution), folder / "4_last_names.ipynb")
    with new_page(chrome, *LARGE) as page:
        notebook = web.LabNotebook(page, school.student, "names/4_last_names.ipynb")
        notebook.run_all(seconds=900)
        for cell in ("plot_history", "plot_confusion", "plot_recall"):
            figure = notebook.output(cell).locator("img")
            expect(figure).to_have_count(1)
            figure.screenshot(path=web.SCREENSHOTS / f"names_{cell}.png")
        notebook.output("train_model").screenshot(path=web.SCREENSHOTS / "names_training.png")
        expect(notebook.panel.locator("[data-mime-type*=error]")).to_have_count(0)
    claims = json.loads((folder / "submission_log.json").read_text("utf-8"))["training"]
    assert len(claims["history"]) == 20
    assert (folder / "last_names.pt").stat().st_size > 10_000
