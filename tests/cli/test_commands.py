"""Which assignment a command works on: the one that is named, the only one, or all."""

from __future__ import annotations

import json
import shutil

import pytest

from coursegrader.cli import main
from coursegrader.cli.commands import COMMANDS
from coursegrader.errors import FAILED, FINE

ONE = [
    ["autograde"],
    ["watch"],
    ["feedback"],
    ["report"],
    ["export", "--to", "csv"],
    ["collect", "--from", "."],
    ["demo"],
]


@pytest.fixture
def two(course):
    """A course with two assignments."""
    source = course.root / "source"
    shutil.copytree(source / "week", source / "second")
    (source / "second" / "1_numbers.ipynb").unlink()
    return course


def command(course, *words):
    return main(["--course", str(course.root), *words])


@pytest.mark.parametrize("words", ONE, ids=lambda words: words[0])
def test_with_several_assignments_one_has_to_be_named(two, words, capsys):
    assert command(two, *words) == FAILED
    assert "which assignment? There are second, week: name one" in capsys.readouterr().err


def test_the_only_assignment_need_not_be_named(course, capsys):
    assert command(course, "demo") == FINE
    assert (course.root / "submitted" / "ada" / "week" / "1_numbers.ipynb").is_file()
    assert command(course, "demo", "weak") == FAILED
    assert "no assignment 'weak'" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"roster", "init", "adopt"}))
def test_a_course_without_assignments_is_told_so(course, name, capsys):
    shutil.rmtree(course.root / "source" / "week")
    more = {"export": ["--to", "csv"], "collect": ["--from", "."]}.get(name, [])
    assert command(course, name, *more) == FAILED
    assert "no assignment; add <assignment>/<notebook>.ipynb" in capsys.readouterr().err


@pytest.mark.slow
def test_release_and_check_take_all_assignments(two, capsys):
    assert command(two, "release") == FINE
    assert command(two, "release", "--check") == FINE
    changed = two.root / "release" / "second" / "2_words.ipynb"
    changed.write_text(changed.read_text() + "\n")
    capsys.readouterr()
    assert command(two, "release", "--check") == FAILED
    assert capsys.readouterr().out == f"{changed} is not what source/ generates; run `coursegrader release`\n"
    assert command(two, "release", "week", "--check") == FINE
    assert command(two, "check", "--output", str(two.root / "check.json")) == FINE
    told = json.loads((two.root / "check.json").read_text())
    assert {name: table["summary"]["autograded_points"] for name, table in told.items()} == {"second": 2, "week": 9}
    assert command(two, "check", "--notebook", "1_*", "--json") == FINE
    assert command(two, "check", "--notebook", "7_*") == FAILED
    assert "no notebook '7_*' in second, week; known: 2_words, 1_numbers, 2_words" in capsys.readouterr().err
