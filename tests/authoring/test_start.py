"""A new course: from an empty folder, out of the wheel, without this repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coursegrader.authoring.starting.start import start
from coursegrader.cli import main
from coursegrader.course.banks import bank
from coursegrader.course.course import Course
from coursegrader.errors import FAILED, FINE

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "your-own-course.md"
BLOCKS = dict(re.findall(r'^```bash title="(\w+)"\n(.*?)^```', PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL))


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


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """An environment with the wheel in it; the libraries are this environment's, the package is not."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "coursegrader", folder / "coursegrader", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "wheels", "."], cwd=folder, check=True
    )
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    (packages,) = (folder / "env" / "lib").glob("python*/site-packages")
    (packages / "libraries.pth").write_text("".join(f"{path}\n" for path in sys.path if path.endswith("-packages")))
    (folder / "env" / "share").symlink_to(Path(sys.prefix) / "share")  # nbconvert's own templates
    (wheel,) = (folder / "wheels").glob("*.whl")
    python = folder / "env" / "bin" / "python"
    command = [*pip, "--python", python, "install", "--no-deps", "--no-index", "--ignore-installed", wheel]
    subprocess.run(command, check=True)
    return folder / "env"


@pytest.mark.slow
@pytest.mark.xdist_group("wheel")
def test_the_wheel_begins_a_course_and_grades_it_as_the_page_says(installed, tmp_path):
    variables = {**os.environ, "PATH": f"{installed / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def run(script: str) -> str:
        done = subprocess.run(
            ["bash", "-euc", script], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    assert run("python -c 'import coursegrader; print(coursegrader.__file__)'").startswith(str(installed))
    checked = run(BLOCKS["begin"])
    assert (tmp_path / ".github" / "workflows" / "course.yml").is_file()
    assert "0 problems" in checked
    assert "of 3 autograded points 3 depend on the seed" in checked
    graded = run(BLOCKS["grade"])
    points = dict(re.findall(r"^(\w+) +([\d.]+/5) ", graded, re.MULTILINE))
    assert points["ada"] == points["bo"] == points["chi"] == "3/5"
    assert points["eli"] == "0/5"
    assert len(list((tmp_path / "feedback").glob("*/week1/1_averages.html"))) == len(points)
    assert run("coursegrader release --check; git init -q .; git add -A; git ls-files").count("release/") == 2
