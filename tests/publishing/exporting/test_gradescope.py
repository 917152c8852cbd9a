"""Does the autograder's zip grade inside Gradescope's layout, and leave a result whatever happens?"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import nbformat
import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib
from small_course import canonical, cell, write_course

from coursegrader.authoring import demo
from coursegrader.course.course import Course
from coursegrader.errors import CourseError
from coursegrader.grading.logs.log import signing_key
from coursegrader.publishing.exporting.export import export
from coursegrader.publishing.exporting.gradescope import TEMPLATES, hand_over

FULL = 9.0  # of 14: the two written questions wait for a person


def environment(root: Path) -> dict[str, str]:
    """Return what the scripts see; the one thing that differs from Gradescope is that nothing is installed."""
    return {**os.environ, "AUTOGRADER_ROOT": str(root), "COURSEGRADER_PYTHON": sys.executable}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build what Gradescope calls the image: the zip unpacked into ``source/``, ``setup.sh`` run once."""
    root = tmp_path_factory.mktemp("autograder")
    course = write_course(tmp_path_factory.mktemp("instructor") / "course")
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.Execute.timeout = 3\n")
    path, notes = export(Course.open(course.root), "week", "gradescope-zip", output=root / "autograder.zip")
    assert "give it to nobody" in notes[0]
    with zipfile.ZipFile(path) as archive:
        archive.extractall(root / "source")
        for info in archive.infolist():
            (root / "source" / info.filename).chmod(info.external_attr >> 16 & 0o777)
    shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
    done = subprocess.run(
        [root / "source" / "setup.sh"], env=environment(root), cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "could not be run yet" not in done.stdout
    return root


@pytest.fixture
def container(image: Path, tmp_path: Path) -> Path:
    """Start what Gradescope calls a container: a fresh copy of the image with one submission in it."""
    root = tmp_path / "autograder"
    shutil.copytree(image, root)
    (root / "submission").mkdir()
    (root / "results").mkdir()
    (root / "submission_metadata.json").write_text(json.dumps({"id": 1, "users": [{"email": "ada@example.org"}]}))
    return root


def submit(root: Path, changes: dict[str, str] | None = None) -> None:
    """Put right answers into ``submission/``, with these cells changed."""
    assignment = Course.open(root / "source" / "course").assignment("week")

    def answer(cell: str, solution: str) -> str:
        written = "Because two times two is four." if cell.endswith("_answer") else solution
        return (changes or {}).get(cell, written)

    for notebook in assignment.notebooks.values():
        nb = demo.hand_in(notebook, answer)
        nbformat.write(nb, root / "submission" / f"{notebook.name}.ipynb")


def grade(root: Path) -> dict:
    """Run the autograder as Gradescope does and return its results."""
    done = subprocess.run(
        [root / "run_autograder"], env=environment(root), cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads((root / "results" / "results.json").read_text("utf-8"))


def test_the_zip_has_its_scripts_at_the_root_and_no_secrets_of_the_course(course: Course, tmp_path: Path) -> None:
    course.step("submitted", "ada", "week").mkdir(parents=True)
    (course.step("submitted", "ada", "week") / "1_numbers.ipynb").write_text("{}")
    signing_key(course.grading)
    one, _ = export(course, "week", "gradescope-zip", output=tmp_path / "one.zip")
    with zipfile.ZipFile(one) as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    for script in ("setup.sh", "run_autograder"):
        assert modes[script] & stat.S_IXUSR
    assert "course/source/week/1_numbers.ipynb" in modes
    assert "coursegrader/publishing/templates/coursegrader_feedback/index.html.j2" in modes
    assert [name for name in modes if name.endswith((".key", ".db", ".pyc")) or "submitted" in name] == []
    two, _ = export(course, "week", "gradescope-zip", output=tmp_path / "two.zip")
    assert one.read_bytes() == two.read_bytes()


def test_the_zip_installs_what_this_project_installs(course: Course, tmp_path: Path) -> None:
    path, _ = export(course, "week", "gradescope-zip", output=tmp_path / "one.zip")
    with zipfile.ZipFile(path) as archive:
        packed = tomllib.loads(archive.read("pyproject.toml").decode())["project"]
    own = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.match(r"[\w-]+", line)[0].lower() for line in own["dependencies"]]  # type: ignore[index]
    assert [re.match(r"[\w-]+", line)[0].lower() for line in packed["dependencies"]] == names  # type: ignore[index]
    assert packed["scripts"] == own["scripts"]
    assert packed.get("entry-points") == own.get("entry-points")


@pytest.mark.slow
def test_right_answers_earn_everything_that_needs_no_person(container: Path) -> None:
    submit(container)
    results = grade(container)
    assert results["score"] == FULL
    assert {test.get("status") for test in results["tests"]} == {"passed", None}
    assert sum("not graded yet" in test["name"] for test in results["tests"]) == 2
    assert "so far" not in results["output"]


@pytest.mark.slow
def test_a_wrong_answer_costs_its_points_and_says_how_far_off_it_is(container: Path) -> None:
    submit(container, {"double": "def double(x):\n    return x + x + 0.5"})
    results = grade(container)
    assert results["score"] == FULL - 2
    failed = [test for test in results["tests"] if test.get("status") == "failed"]
    assert [test["name"] for test in failed] == ["1_numbers/test_double"]
    assert "Max error doubled (case 1): 0.5" in failed[0]["output"]
    assert "of length" not in json.dumps(results)  # the hidden part of the evidence's name


@pytest.mark.slow
def test_a_hostile_answer_costs_only_itself(container: Path) -> None:
    target = container / "results" / "results.json"
    hostile = (
        "import os, pathlib\n"
        f"try:\n    pathlib.Path({str(target)!r}).write_text('{{\"score\": 999}}')\nexcept OSError:\n    pass\n"
        "def double(x):\n    os._exit(0)\n"
    )
    submit(container, {"double": hostile})
    results = grade(container)
    assert results["score"] == FULL - 2
    assert {test["name"] for test in results["tests"] if test.get("status") == "failed"} == {"1_numbers/test_double"}


@pytest.mark.slow
def test_an_endless_answer_is_stopped(container: Path) -> None:
    submit(container, {"shout": "def shout(word):\n    while True:\n        pass"})
    results = grade(container)
    assert results["score"] == FULL - 2
    assert {test["name"] for test in results["tests"] if test.get("status") == "failed"} == {"2_words/test_shout"}


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_what_was_graded(container: Path) -> None:
    submit(container, {"shout": "def shout(word):\n    while True:\n        pass"})
    target = container / "results" / "results.json"
    with subprocess.Popen(
        [container / "run_autograder"], env=environment(container), cwd=container, start_new_session=True
    ) as process:
        deadline = time.monotonic() + 120
        while "1 of 2" not in (target.read_text("utf-8") if target.exists() else "") and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    results = json.loads(target.read_text("utf-8"))
    assert results["output"].startswith("Graded 1 of 2 notebooks so far.")
    assert results["score"] == FULL - 2  # the second notebook's points are not there yet


@pytest.mark.slow
def test_an_empty_submission_has_a_result_that_says_what_is_missing(container: Path) -> None:
    results = grade(container)
    assert results["score"] == 0
    assert {test.get("status") for test in results["tests"]} == {"failed"}


def broken(container: Path) -> tuple[str, Path]:
    """Run the autograder where it cannot grade, and return what it says and where its results would be."""
    done = subprocess.run(
        [container / "run_autograder"],
        env=environment(container),
        cwd=container,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    return done.stderr, container / "results" / "results.json"


@pytest.mark.slow
def test_a_course_that_cannot_grade_gives_nobody_a_result(container: Path) -> None:
    submit(container)
    (container / "results" / "results.json").write_text('{"score": 0, "tests": []}')  # of an earlier container
    (container / "source" / "course" / "assignment.txt").write_text("another\n")
    said, target = broken(container)
    assert "no assignment 'another'" in said
    assert not target.exists()  # "the autograder failed to execute correctly", says Gradescope


@pytest.mark.slow
def test_what_was_graded_before_something_broke_is_kept_with_a_sentence(container: Path) -> None:
    submit(container)
    source = container / "source" / "course" / "source" / "week" / "2_words.ipynb"
    nb = nbformat.read(source, as_version=4)
    next(cell for cell in nb.cells if cell.id == "shout").source = "import no_such_library"
    nbformat.write(nb, source)
    said, target = broken(container)
    assert "2_words.ipynb, cell test_shout" in said
    results = json.loads(target.read_text("utf-8"))
    assert results["score"] == FULL - 2
    assert "could not be graded to the end; your instructor knows why" in results["output"]
    assert "no_such_library" not in json.dumps(results)


@pytest.mark.slow
def test_an_image_in_which_the_reference_cannot_be_run_is_not_built(container: Path) -> None:
    source = container / "source" / "course" / "source" / "week" / "2_words.ipynb"
    nb = nbformat.read(source, as_version=4)
    next(cell for cell in nb.cells if cell.id == "setup").source = "import no_such_library"
    next(cell for cell in nb.cells if cell.id == "shout").source = "shout = no_such_library.shout"
    nbformat.write(nb, source)
    done = subprocess.run(
        [container / "source" / "setup.sh"],
        env=environment(container),
        cwd=container,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "the reference solution cannot be run in this image: 2_words.ipynb, cell test_shout" in done.stderr


def set_up(folder: Path, **fails: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run ``source/setup.sh`` with programs that note what they are asked for; some fail when asked for something."""
    bin_, log = folder / "bin", folder / "log"
    bin_.mkdir()
    for name in ("python3", "apt-get", "pip", "python"):
        (bin_ / name).write_text(
            f'#!/bin/sh\ncase "$*" in -c*) ;; *) echo {name} "$@" >> {log} ;; esac\n'
            f'case "$*" in {fails.get(name, "nothing")}*) exit 1 ;; esac\n'
            f'if [ "$2" = venv ]; then mkdir -p "$3/bin"; ln -s {bin_}/pip {bin_}/python "$3/bin"; fi\n'
        )
        (bin_ / name).chmod(0o755)
    variables = {"AUTOGRADER_ROOT": str(folder), "PATH": f"{bin_}:/usr/bin:/bin"}
    command = ["bash", folder / "source" / "setup.sh"]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    return done, log.read_text().replace(str(folder), "").splitlines()


def test_the_zip_brings_what_the_assignment_asks_for_and_setup_installs_it(course: Course, tmp_path: Path) -> None:
    (course.root / "source" / "week" / "requirements.txt").write_text("some-library>=2\n")
    path, _ = export(course, "week", "gradescope-zip", output=tmp_path / "one.zip")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "source")
    assert (tmp_path / "source" / "requirements.txt").read_text() == "some-library>=2\n"
    done, asked = set_up(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert asked == [
        "python3 -m venv /venv",
        "pip install -q /source",
        "pip install -q -r requirements.txt",
        "python -m coursegrader.publishing.exporting.gradescope prepare",
    ]


@pytest.mark.parametrize(
    ("program", "asked", "said"),
    [
        ("python3", "-c", "Python 3.10 or newer is needed"),
        ("python3", "-m", "this image cannot grade"),
        ("pip", "install", "this image cannot grade"),
        ("python", "-m", "this image cannot grade"),
    ],
)
def test_whatever_fails_while_an_image_is_built_fails_the_build_and_says_so(tmp_path, program, asked, said) -> None:
    (tmp_path / "source").mkdir()
    shutil.copy(TEMPLATES / "setup.sh", tmp_path / "source")
    done, _ = set_up(tmp_path, **{program: asked})
    assert done.returncode != 0
    assert said in done.stderr


def test_the_zip_brings_header_and_footer_and_what_the_config_imports(course: Course, tmp_path: Path) -> None:
    """In the folder of the zip, without the course it was made of, a notebook is what it is at home."""
    (course.root / "late.py").write_text("PENALTY = 1\n")
    for folder, part in (("around", "header"), ("week/data", "footer")):
        path = course.root / "source" / folder / f"{part}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(canonical([cell("prose", f"the-{part}", f"the {part}")]), path)
        with (course.root / "nbgrader_config.py").open("a") as file:
            file.write(f'import late\nc.IncludeHeaderFooter.{part} = "source/{folder}/{part}.ipynb"\n')
    here = Course.open(course.root)
    path, _ = export(here, "week", "gradescope-zip", output=tmp_path / "one.zip")
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == len(set(archive.namelist()))
        archive.extractall(tmp_path / "unpacked")
    own = here.assignment("week").notebooks["2_words"].executed
    shutil.rmtree(course.root)
    there = Course.open(tmp_path / "unpacked" / "course").assignment("week").notebooks["2_words"]
    ids = [cell.id for cell in there.source.cells]
    assert (ids[0], ids[-1], there.executed) == ("the-header", "the-footer", own)


def test_what_lies_outside_the_course_is_named_before_there_is_a_zip(course: Course, tmp_path: Path) -> None:
    nbformat.write(canonical([cell("prose", "top", "top")]), tmp_path / "top.ipynb")
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write('c.IncludeHeaderFooter.header = "../top.ipynb"\n')
    with pytest.raises(CourseError, match=r"top\.ipynb is needed to grade, but lies outside"):
        export(Course.open(course.root), "week", "gradescope-zip", output=tmp_path / "one.zip")
    assert not (tmp_path / "one.zip").exists()


def test_links_of_a_submission_are_not_followed(tmp_path: Path) -> None:
    source = tmp_path / "submission"
    source.mkdir()
    (source / "a.ipynb").write_text("{}")
    (source / "secret.txt").symlink_to("/etc/hostname")
    (source / "folder").symlink_to("/etc")
    os.mkfifo(source / "pipe")
    hand_over(source, tmp_path / "target")
    assert [path.name for path in (tmp_path / "target").rglob("*")] == ["a.ipynb"]
