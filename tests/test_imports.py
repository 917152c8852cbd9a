"""The house's promises that no import contract can say; the contract itself stands in ``pyproject.toml``."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import coursegrader
from coursegrader.box import tree
from coursegrader.grading import cache
from coursegrader.publishing.exporting import gradescope

PACKAGE = Path(coursegrader.__file__).parent
ROOMS = sorted(path.parent for path in PACKAGE.rglob("__init__.py"))


def loaded(code: str, *names: str) -> list[str]:
    """Return which of these modules a fresh interpreter has loaded after some code."""
    code = f"import sys\n{code}\nprint(*[name for name in {names!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    return done.stdout.split()


def test_what_runs_inside_a_students_kernel_needs_only_numpy_and_python():
    trees = [ast.parse(path.read_text("utf-8")) for path in (PACKAGE / "evidence").glob("*.py")]
    nodes = [node for tree_ in trees for node in ast.walk(tree_)]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    others = {name for name in imported if not name.startswith("coursegrader.evidence")}
    assert {name.partition(".")[0] for name in others} <= {*sys.stdlib_module_names, "numpy", "IPython"}


def test_evidence_is_imported_without_a_notebook_machinery_or_torch():
    assert (
        loaded(
            "import coursegrader.evidence",
            "IPython",
            "torch",
            "pandas",
            "matplotlib",
            "nbgrader",
            "coursegrader.judging.judge",
        )
        == []
    )


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.relative_to(PACKAGE.parent).as_posix())
def test_a_room_says_which_question_it_answers_and_is_small_enough_to_remember(room):
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8"))) or ""
    assert docstring, f"{room.name} has no docstring"
    assert room == PACKAGE or "?" in docstring.splitlines()[0]
    assert len(list(room.glob("*.py"))) <= 9


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_can_be_read_in_one_sitting(path):
    assert len(path.read_text("utf-8").splitlines()) <= 300


# -- what used to name one folder, and must now reach every room ----------------------------------------------------------


def test_results_are_kept_apart_by_the_code_of_every_room(monkeypatch, tmp_path):
    before = cache.environment()["code"]
    copy = tmp_path / "coursegrader"
    for path in PACKAGE.rglob("*.py"):
        target = copy / path.relative_to(PACKAGE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    monkeypatch.setattr(cache, "__file__", str(copy / "grading" / "cache.py"))
    try:
        cache.environment.cache_clear()
        assert cache.environment()["code"] == before
        for room in ROOMS:
            changed = next(iter(sorted((copy / room.relative_to(PACKAGE)).glob("*.py"))))
            changed.write_text(changed.read_text("utf-8") + "\n# another line\n", "utf-8")
            cache.environment.cache_clear()
            now = cache.environment()["code"]
            assert now != before, f"a change in {room.name} would leave stale results"
            before = now
    finally:
        monkeypatch.undo()
        cache.environment.cache_clear()


def test_a_box_hides_the_whole_package_and_not_one_room(monkeypatch, tmp_path):
    covered = []
    monkeypatch.setattr(tree.syscalls, "mount", lambda source, target, *more: covered.append(target))
    monkeypatch.setattr(tree.os.path, "isdir", lambda path: True)
    tree._hide_this_package("")
    assert covered == [str(PACKAGE.resolve())]


def test_the_project_installs_every_room_and_every_template():
    import tomllib
    from setuptools import find_namespace_packages

    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    found = find_namespace_packages(str(PACKAGE.parent), include=project["packages"]["find"]["include"])
    folders = [PACKAGE.parent.joinpath(*name.split(".")) for name in found]
    assert set(ROOMS) <= set(folders)
    patterns = project["package-data"]["*"]
    data = {path for folder in folders for pattern in patterns for path in folder.glob(pattern)}
    assert {path for path in PACKAGE.rglob("*") if path.is_file() and "templates" in path.parts} <= data


def test_the_gradescope_zip_holds_every_file_of_the_package(course, tmp_path):
    import zipfile

    gradescope.write_zip(course, course.assignment("week"), tmp_path / "zip.zip")
    inside = set(zipfile.ZipFile(tmp_path / "zip.zip").namelist())
    wanted = {path.relative_to(PACKAGE.parent).as_posix() for path in PACKAGE.rglob("*.py")}
    assert wanted <= inside


def test_running_needs_no_jupyter_kernel():
    """What is imported inside a box, and the client outside; nbgrader itself still imports what we do without."""
    code = (
        "import sys\n"
        "from coursegrader.box.inside import loop\n"
        "from coursegrader.engine import conversation\n"
        "loop.warm_up()\n"
        "print(*[name for name in ('ipykernel', 'jupyter_client', 'zmq', 'tornado', 'nbclient') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.split() == []


def test_no_two_test_modules_share_a_name():
    """With one name, pytest imports one of them in the place of the other, and collects neither."""
    names = Counter(path.name for path in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
