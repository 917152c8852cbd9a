"""A new course and the example: out of the wheel, without this repository, where neither torch nor ipywidgets are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from email import message_from_bytes
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from coursegrader.authoring.starting.start import start
from coursegrader.cli import main
from coursegrader.course.banks import bank
from coursegrader.course.course import Course
from coursegrader.errors import FAILED, FINE

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "your-own-course.md"
EXAMPLE = ROOT / "examples" / "weather"


def titled(page: Path) -> dict[str, str]:
    """Return the shell blocks of a page by title."""
    return dict(re.findall(r'^```bash title="(\w+)"\n(.*?)^```', page.read_text("utf-8"), re.MULTILINE | re.DOTALL))


BLOCKS = titled(PAGE)


def test_a_new_course_has_a_coded_and_a_written_question_with_banks(tmp_path):
    folder = tmp_path / "first course"
    (folder / ".git").mkdir(parents=True)
    files = start(folder)
    assert {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} == set(files)
    course = Course.open(folder)
    (name,) = course.assignments()
    assignment = course.assignment(name)
    (notebook,) = assignment.notebooks.values()
    assert {cell.manual for cell in notebook.graded.values()} == {True, False}
    assert len(bank(assignment, "mistakes", notebook.name)) >= 2
    assert len(bank(assignment, "alternatives", notebook.name)) >= 2
    assert course.config.CourseDirectory.course_id == "first-course"
    assert not any(re.search(r"@\w+@", (folder / path).read_text("utf-8")) for path in files)
    for needed in ("requirements.txt", ".gitignore", ".github/workflows/course.yml"):
        assert Path(needed) in files


@pytest.mark.parametrize("name", ["notes.txt", ".gitignore", "source"])
def test_a_folder_that_is_not_empty_is_refused_and_left_as_it_is(tmp_path, name, capsys):
    (tmp_path / name).write_text("mine")
    assert main(["--course", str(tmp_path), "init"]) == FAILED
    assert f"{tmp_path} is not empty ({name}), and nothing in it was changed" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert main(["--course", str(tmp_path / name), "init"]) == FAILED
    assert "is a file; name a new folder" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_made_and_what_comes_next_is_said(tmp_path, capsys):
    assert main(["--course", str(tmp_path / "new" / "course"), "init"]) == FINE
    said = capsys.readouterr().out
    assert (tmp_path / "new" / "course" / "nbgrader_config.py").is_file()
    assert [word for word in ("release", "check", "demo", "autograde") if f"coursegrader {word} " not in said] == []


#: What a machine that only grades can do without: the homework's libraries, and what is for people who write notebooks.
WITHOUT = {"torch", "ipywidgets", "jupyterlab", "notebook", "debugpy"}


def needed(lines: list[str]) -> Iterator[Distribution]:
    """Yield what these requirements need, and what that needs, but for what a grader can do without."""
    waiting, known = [Requirement(line) for line in lines], set()
    while waiting:
        asked = waiting.pop()
        key = (canonicalize_name(asked.name), frozenset(asked.extras))
        if key in known or key[0] in WITHOUT:
            continue
        known.add(key)
        found = distribution(asked.name)
        yield found
        more = [Requirement(line) for line in found.requires or []]
        extras = [{"extra": name} for name in ("", *asked.extras)]
        waiting += [line for line in more if not line.marker or any(map(line.marker.evaluate, extras))]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """An environment of the wheel, of what it and the example ask for, and of nothing else.

    The libraries' files are this environment's own under another name: nothing is downloaded, and nothing copied if need
    not be.
    """
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "coursegrader", folder / "coursegrader", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "wheels", "."], cwd=folder, check=True
    )
    (wheel,) = (folder / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        asked = message_from_bytes(archive.read(metadata)).get_all("Requires-Dist", [])
    env = folder / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", env], check=True)
    (packages,) = (env / "lib").glob("python*/site-packages")
    (env / "share").symlink_to(Path(sys.prefix) / "share")  # nbconvert's own templates
    asked = [line for line in asked if "extra ==" not in line]
    for found in needed(asked + (EXAMPLE / "requirements.txt").read_text("utf-8").splitlines()[1:]):
        for file in found.files or []:
            if ".." not in file.parts:
                _link(Path(found.locate_file(file)), packages / file)
        for point in found.entry_points.select(group="console_scripts"):
            script = env / "bin" / point.name
            script.write_text(
                f"#!{env}/bin/python\nimport sys\nfrom {point.module} import {point.attr}\nsys.exit({point.attr}())\n"
            )
            script.chmod(0o755)
    install = ["install", "--no-deps", "--no-index", "--ignore-installed", wheel]
    subprocess.run([*pip, "--python", env / "bin" / "python", *install], check=True)
    return env


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file() and not target.exists():
        try:
            os.link(source, target)  # a symbolic one would lead out of what a box shows
        except OSError:  # on another file system
            shutil.copy2(source, target)


@pytest.fixture
def run(installed, tmp_path) -> Callable[[str], str]:
    """Return what runs a script in an empty folder, with nothing on its path but that environment and the system."""
    variables = {**os.environ, "PATH": f"{installed / 'bin'}:/usr/bin:/bin"}
    variables.pop("PYTHONPATH", None)

    def run(script: str) -> str:
        done = subprocess.run(
            ["bash", "-euc", script], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


def points(table: str) -> dict[str, str]:
    """Return the total of each student of a class table."""
    rows = re.findall(r"^(\w+) +((?:[\d.]+/\d+ +)+)", table, re.MULTILINE)
    return {student: columns.split()[-1] for student, columns in rows}


@pytest.mark.slow
@pytest.mark.xdist_group("wheel")
@pytest.mark.parametrize("name", ["torch", "ipywidgets", "jupyterlab", "notebook"])
def test_the_environment_lacks_what_a_grader_can_do_without(run, name):
    assert run(f"! python -c 'import {name}' 2>&1").endswith(f"No module named '{name}'\n")


@pytest.mark.slow
@pytest.mark.xdist_group("wheel")
def test_the_wheel_begins_a_course_and_grades_it_as_the_page_says(installed, run, tmp_path):
    assert run("python -c 'import coursegrader; print(coursegrader.__file__)'").startswith(str(installed))
    checked = run(BLOCKS["begin"])
    assert (tmp_path / ".github" / "workflows" / "course.yml").is_file()
    assert "0 problems" in checked
    assert "of 3 autograded points 3 depend on the seed" in checked
    graded = points(run(BLOCKS["grade"]))
    assert graded["ada"] == graded["bo"] == graded["chi"] == "3/5"
    assert graded["eli"] == "0/5"
    assert len(list((tmp_path / "feedback").glob("*/week1/1_averages.html"))) == len(graded)
    assert run("coursegrader release --check; git init -q .; git add -A; git ls-files").count("release/") == 2
    assert run("coursegrader check --mutants").count(" 0 survived") == 1


@pytest.mark.slow
@pytest.mark.xdist_group("wheel")
def test_the_example_is_proven_and_graded_as_its_readme_says(run, tmp_path):
    made = [line.strip("/") for line in (EXAMPLE / ".gitignore").read_text("utf-8").splitlines() if line[:1] == "/"]
    shutil.copytree(EXAMPLE, tmp_path, ignore=shutil.ignore_patterns(*made), dirs_exist_ok=True)
    blocks = titled(EXAMPLE / "README.md")
    checked = run(blocks["prove"])
    named, mistakes = re.search(r"mistakes: (\d+) of \1 lose exactly their points, (\d+) are named", checked).groups()
    assert named == mistakes == str(len(list(tmp_path.glob("source/*/mistakes/*/*/*.py"))))
    assert re.search(r"alternatives: (\d+) of \1 full marks; .* 0 problems", checked)
    graded = points(run(blocks["grade"]))
    assert graded["ada"] == graded["bo"] == graded["chi"] == "12/14"  # two points wait for a person
    assert graded["eli"] == "0/14"
    assert len(graded) == 12
    assert len(list((tmp_path / "feedback").glob("*/two_cities/*.html"))) == 3 * len(graded)
    assert (tmp_path / "grading" / "report" / "two_cities" / "index.html").is_file()
    rows = (tmp_path / "exports" / "two_cities" / "grades.csv").read_text("utf-8").splitlines()
    assert len(rows) == 1 + len(graded)
