"""Do the workflows we ship do what they say? The grading step is run as it stands, in a repository with a pushed submission."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

from coursegrader.authoring import demo
from coursegrader.course.course import Course

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def steps(name: str, job: str = "") -> list[dict]:
    """Return the steps of a job, by default of the one that is called as its workflow."""
    data = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text("utf-8"))
    return data["jobs"][job or name]["steps"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_and_ends_in_time(path: Path) -> None:
    data = yaml.safe_load(path.read_text("utf-8"))
    assert data["permissions"] == {"contents": "read"}
    for job in data["jobs"].values():
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            assert "run" in step or "@" in step["uses"]
            # what a pusher can choose reaches a shell as a variable, never as text of the script
            assert "${{" not in step.get("run", "")


def test_the_course_workflow_runs_drift_check_and_tests() -> None:
    commands = [step.get("run", "") for step in steps("course")]
    assert ".venv/bin/coursegrader release --check" in commands
    assert "make check" in commands
    assert "make test-all" in commands


def test_the_example_runs_as_its_readme_says_where_no_torch_is_installed() -> None:
    readme = (ROOT / "examples" / "weather" / "README.md").read_text("utf-8")
    blocks = re.findall(r'^```bash title="\w+"\n(.*?)^```', readme, re.MULTILINE | re.DOTALL)
    commands = [step.get("run", "") for step in steps("course", "example")]
    assert blocks == commands[-len(blocks) :]
    assert not any("make" in command or "torch>" in command for command in commands)


def test_submissions_are_graded_in_private_repositories_only() -> None:
    data = yaml.safe_load((ROOT / ".github" / "workflows" / "autograde.yml").read_text("utf-8"))
    assert data["jobs"]["autograde"]["if"] == "github.event.repository.private"


def git(root: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def test_without_an_assignment_all_are_graded_that_were_handed_in(tmp_path: Path) -> None:
    for place in ("ada/week", "ada b/week", "ada b/second week"):
        (tmp_path / "submitted" / place).mkdir(parents=True)
    script = next(step["run"] for step in steps("autograde") if step.get("name") == "Grade")
    script = script.replace("done < pushed.tsv", "done < /dev/null")
    variables = {"BEFORE": "", "PRIVATE_LOG": "/dev/null", "GRADING_SEED": "", "GITHUB_STEP_SUMMARY": "/dev/null"}
    for student, assignment, wanted in (
        ("*", "", {"*\tweek", "*\tsecond week"}),
        ("ada", "", {"ada\tweek"}),
        ("ada b", "second week", {"ada b\tsecond week"}),
        ("nobody", "", set()),
    ):
        variables |= {"STUDENT": student, "ASSIGNMENT": assignment}
        subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env={**os.environ, **variables}, check=True
        )
        assert set((tmp_path / "pushed.tsv").read_text().splitlines()) == wanted


@pytest.mark.slow
def test_a_pushed_submission_is_graded_and_nothing_hidden_is_logged(course: Course, tmp_path: Path) -> None:
    root = course.root
    (root / ".venv").mkdir()
    (root / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    git(root, "init", "-q")
    git(root, "add", "source", "nbgrader_config.py")
    git(root, "commit", "-qm", "course")
    before = git(root, "rev-parse", "HEAD")
    wrong = {"double": "def double(x):\n    return x + x + 0.5"}
    for notebook in course.assignment("week").notebooks.values():
        path = course.step("submitted", "ada b", "week") / f"{notebook.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(demo.hand_in(notebook, lambda cell, solution: wrong.get(cell, solution)), path)
    git(root, "add", "-f", "submitted")
    git(root, "commit", "-qm", "handed in")
    script = next(step["run"] for step in steps("autograde") if step.get("name") == "Grade")
    summary, private = tmp_path / "summary.md", tmp_path / "private.log"
    variables = {"BEFORE": before, "ASSIGNMENT": "", "STUDENT": "", "PRIVATE_LOG": str(private), "GRADING_SEED": "5eed"}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=root,
        env={**os.environ, **variables, "GITHUB_STEP_SUMMARY": str(summary)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + private.read_text()
    assert (root / "grading" / "seed").read_text().strip() == "5eed"
    text = summary.read_text("utf-8")
    assert "## ada b: 7 of 14 points" in text
    assert "Max error doubled (case 1): 0.5" in text
    assert (root / "results" / "ada b.xml").is_file()
    pages = {page.name for page in (root / "feedback" / "ada b" / "week").glob("*.html")}
    assert len(pages) == 3
    assert "index.html" in pages
    public = done.stdout + done.stderr + text
    assert [
        word for word in ("both_halves_together", "of length", "evidence(", "inputs nobody") if word in public
    ] == []
