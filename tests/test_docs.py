"""Every command and every block of the documentation works as printed."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from coursegrader.grading.logs.log import schema

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str, str]]:
    """Return language, title and text of every fenced block of a page."""
    return BLOCK.findall((ROOT / page).read_text("utf-8"))


def run(command: str, folder: Path) -> None:
    """Run a block as a user would paste it into a shell."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """Provide a copy of the course with one notebook, which is quick to grade."""
    folder = tmp_path_factory.mktemp("docs") / "course"
    folder.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "source", folder / "source")
    for path in (folder / "source" / "rnn").glob("*.ipynb"):
        if path.stem != "1_backprop":
            path.unlink()
    return folder


def test_the_schema_file_is_what_the_code_checks():
    assert json.loads((ROOT / "docs/submission_log.schema.json").read_text()) == schema()


def test_the_readme_names_the_two_commands_the_makefile_has():
    commands = next(text for language, _, text in blocks("README.md") if language == "bash").split("\n")
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert [command.split()[1] for command in commands if command] == ["demo", "test"]
    assert {"demo", "test"} <= targets


@pytest.mark.parametrize(
    "page",
    sorted(
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.md", "docs/*.md", "examples/*/README.md")
        for path in ROOT.glob(pattern)
    ),
)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text("utf-8")):
        assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


@pytest.mark.slow
@pytest.mark.xdist_group("docs-grading")
def test_the_commands_of_the_grading_page_run_in_order(course):
    for language, _, text in blocks("docs/grading.md"):
        if language == "bash":
            run(text, course)


@pytest.mark.slow
@pytest.mark.xdist_group("docs-authoring")
def test_a_question_added_as_the_authoring_page_says_is_released_and_proven(course):
    titled = {title: text for language, title, text in blocks("docs/authoring.md") if language == "python"}
    path = course / "source/rnn/1_backprop.ipynb"
    notebook = nbformat.read(path, as_version=4)
    common = {"schema_version": 3, "task": False}
    for title, text in titled.items():
        kind, _, name = title.rpartition(" ")
        if kind == "solution cell":
            meta = {**common, "grade": False, "grade_id": name, "locked": False, "solution": True}
            notebook.cells.append(nbformat.v4.new_code_cell(text.rstrip(), id=name, metadata={"nbgrader": meta}))
        elif kind == "grade cell":
            meta = {**common, "grade": True, "grade_id": name, "locked": True, "points": 2, "solution": False}
            notebook.cells.append(nbformat.v4.new_code_cell(text.rstrip(), id=name, metadata={"nbgrader": meta}))
        elif title == "judges.py":
            (course / "source/rnn/judges.py").write_text(text)
        else:
            target = course / f"source/rnn/{kind}s/1_backprop/cumulative_mean/{name}.py"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    nbformat.write(notebook, path)
    shutil.rmtree(course / "submitted", ignore_errors=True)
    (course / "gradebook.db").unlink(missing_ok=True)
    for language, _, text in blocks("docs/authoring.md"):
        if language == "bash":
            run(text, course)
    result = json.loads(
        subprocess.run(
            [Path(sys.executable).parent / "coursegrader", "check", "--notebook", "1_backprop", "--json"],
            cwd=course, capture_output=True, text=True, check=True,
        ).stdout
    )  # fmt: skip
    rows = {row["name"]: row for row in result["rows"] if row["cell"] == "cumulative_mean"}
    assert rows["divides_by_position"]["named"] == ["divides_by_position"]
    assert rows["mean_of_everything"]["named"] == ["mean_of_everything"]
    assert rows["loop"]["lost"] == []


def test_the_examples_of_evidence_can_be_emitted(capsys, monkeypatch):
    monkeypatch.delenv("COURSEGRADER_SEED", raising=False)
    examples = [text for language, _, text in blocks("docs/authoring.md") if language == "py"]
    exec(compile("\n".join(examples), "docs/authoring.md", "exec"), {})
    assert capsys.readouterr().out.count("evidence a ") == 6
