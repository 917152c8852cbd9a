"""A small course on disk and a copy of the real one, and in which order tests run; nothing is imported from here."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_course import ROOT, write_course

from coursegrader.course.course import Assignment, Course, Notebook

#: What is started first, the longest first: one test or one file each, named by the end of its group.
#: Whatever is not listed takes less than half a minute and fills the gaps.
SLOWEST = (
    "hostile-as-a-user",
    "hostile",
    "cluster-class",
    "runner",
    "killed",
    "browser",
    "notebooks_browser",
    "wheel",
    "outsider",
    "second_outsider",
    "linear",
    "training-lstm",
    "training-shuffled",
    "scripts",
    "training-notebook",
    "training-tutorial",
    "postgresql",
    "execute",
    "release",
    "hostile-weaker",
    "docs-grading",
    "course_3_rnn",
    "accessibility",
    "active_browser",
    "faults",
    "gradescope",
    "kernel",
    "attacks_nbgrader",
    "docs-authoring",
    "training-starter",
    "hostile-pages",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run one worker more than there are cores: a third of the time, tests wait for a limit, a server or a browser."""
    return (os.cpu_count() or 1) + 1


#: Of a slow test with many cases, a sample tries each so-manyth.
EVERY = 10
LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a developer run in minutes what finds most mistakes."""
    said = "of the slow tests, run only some cases of those that have many; say at the end what was left out"
    parser.addoption("--sample", action="store_true", help=said)


def in_sample(items: list[pytest.Item]) -> Iterator[bool]:
    """Tell of each test whether a sample runs it: all that are quick, and a tenth of the cases of slow ones."""
    cases: Counter[str] = Counter()
    for item in items:
        slow = item.get_closest_marker("slow")
        if slow is None or slow.kwargs.get("sampled"):
            yield True
        else:
            cases[name := item.nodeid.partition("[")[0]] += 1
            yield cases[name] % EVERY == 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which files' slow tests a sample left out."""
    if left := config.stash.get(LEFT_OUT, None):
        terminalreporter.section("left out")
        files = ", ".join(f"{name} {count}" for name, count in left.most_common())
        terminalreporter.line(f"{left.total()} slow tests, which `make test-all` runs: {files}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of a file together, where they share fixtures, and begin with what takes longest."""
    if config.getoption("sample"):
        kept = list(in_sample(items))
        left = [item for item, wanted in zip(items, kept, strict=True) if not wanted]
        items[:] = [item for item, wanted in zip(items, kept, strict=True) if wanted]
        config.stash[LEFT_OUT] = Counter(item.path.stem.removeprefix("test_") for item in left)
        config.hook.pytest_deselected(items=left)
    places = {}
    for item in items:
        marker = item.get_closest_marker("xdist_group")
        if marker is None:
            item.add_marker(marker := pytest.mark.xdist_group(item.path.stem.removeprefix("test_")))
        group = marker.args[0] if marker.args else marker.kwargs["name"]
        places[item] = SLOWEST.index(group) if group in SLOWEST else len(SLOWEST)
    items.sort(key=places.__getitem__)


@pytest.fixture(scope="session")
def make_course() -> Callable[[Path], Course]:
    """Return the maker of a small course in a folder."""
    return write_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return a small course of its own for this test."""
    return write_course(tmp_path / "course")


@pytest.fixture
def assignment(course: Course) -> Assignment:
    """Return the assignment of a small course of its own for this test."""
    return course.assignment("week")


@pytest.fixture(scope="session")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    """Return the small course's first notebook; shared, so only to be read."""
    return write_course(tmp_path_factory.mktemp("shared") / "course").assignment("week").notebooks["1_numbers"]


@pytest.fixture(scope="session")
def real_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return a copy of the real course; shared, so only to be read."""
    root = tmp_path_factory.mktemp("real") / "course"
    root.mkdir()
    shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    shutil.copytree(ROOT / "source", root / "source")
    return Course.open(root)
