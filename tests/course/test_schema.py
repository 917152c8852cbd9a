"""A database that is no whole gradebook of this nbgrader is left as it is, and told with what to do."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from coursegrader.cli import main
from coursegrader.course.course import Course
from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.errors import FAILED, FINE, GradebookError

COMMANDS = (
    ["autograde", "--jobs", "1"],
    ["autograde", "--rejudge"],
    ["report"],
    ["export", "--to", "csv"],
    ["feedback"],
)


def change(path: Path, *statements: str) -> None:
    """Change a database in SQLite itself."""
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, make_course: Callable[[Path], Course]) -> Path:
    """Return a course with a gradebook, somebody on the roster and a submission; shared, so only to be copied."""
    course = make_course(tmp_path_factory.mktemp("kept") / "course")
    assert main(["--course", str(course.root), "demo"]) == FINE
    (course.root / "roster.csv").write_text("id,first_name\nada,Ada\n")
    assert main(["--course", str(course.root), "roster", str(course.root / "roster.csv")]) == FINE
    return course.root


@pytest.fixture
def gradebook(kept: Path, tmp_path: Path) -> Path:
    """Return the gradebook of a course of its own."""
    shutil.copytree(kept, tmp_path / "course")
    return tmp_path / "course" / "gradebook.db"


def told(gradebook: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one sentence in which a command ends; the database is as it was."""
    before = gradebook.read_bytes()
    capsys.readouterr()
    assert main(["--course", str(gradebook.parent), *words]) == FAILED
    assert gradebook.read_bytes() == before
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    start = f"coursegrader {words[0]}: the gradebook sqlite:///{gradebook} "
    assert said.startswith(start)
    return said.removeprefix(start)


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (
        lambda path: path.write_bytes(b"no database " * 200),
        "cannot be opened (file is not a database); restore",
    ),
    "empty": (lambda path: path.write_bytes(b""), "is empty; restore it from a copy, or move it away and grade again"),
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:50_000]), "cannot be opened (database disk image is malf"),
    "table": (lambda path: change(path, "DROP TABLE grade"), "lacks the table grade; restore it from a copy"),
    "tables": (
        lambda path: change(path, "DROP TABLE grade", "DROP TABLE comment"),
        "lacks the table grade and 1 more; ",
    ),
    "column": (
        lambda path: change(path, "ALTER TABLE submitted_notebook DROP COLUMN late_submission_penalty"),
        "lacks the column submitted_notebook.late_submission_penalty; restore it from a copy",
    ),
    "other": (
        lambda path: (path.unlink(), change(path, "CREATE TABLE songs (id INTEGER)")),
        "is something else (its tables: songs); restore it from a copy",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_gradebook_ends_every_command_in_one_sentence_and_is_left_alone(
    gradebook: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    do, sentence = DAMAGES[damage]
    do(gradebook)
    for words in (*COMMANDS, ["release"], ["roster", str(gradebook.parent / "roster.csv")]):
        assert told(gradebook, words, capsys).startswith(sentence)


def test_a_gradebook_that_is_away_is_made_anew(gradebook: Path) -> None:
    gradebook.unlink()
    assert main(["--course", str(gradebook.parent), "autograde", "--jobs", "1", "--student", "ada"]) in (FINE, 1)


#: What the last two upgrades of nbgrader's added is not there yet.
BEFORE = (
    "CREATE TABLE old AS SELECT id, name, duedate FROM assignment",
    "DROP TABLE assignment",
    "ALTER TABLE old RENAME TO assignment",
    "DROP TABLE course",
    "ALTER TABLE student DROP COLUMN lms_user_id",
    "UPDATE alembic_version SET version_num = '167914646830'",
)


def test_an_older_gradebook_is_told_to_be_upgraded_and_that_is_enough(
    gradebook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(gradebook, *BEFORE)
    for words in COMMANDS:
        said = told(gradebook, words, capsys)
        assert said.startswith("lacks the table course and ")
        assert said.endswith("it was made by an older nbgrader: keep a copy of it, and run `nbgrader db upgrade`")
    subprocess.run([Path(sys.executable).with_name("nbgrader"), "db", "upgrade"], cwd=gradebook.parent, check=True)
    with open_gradebook(Course.open(gradebook.parent).directory) as opened:
        assert [student.first_name for student in opened.students] == ["Ada"]


def test_damage_that_is_found_while_the_gradebook_is_read_is_told_as_such(gradebook: Path) -> None:
    with pytest.raises(GradebookError, match=r"cannot be used \(database disk image is malformed\); restore it"):
        read_damaged(Course.open(gradebook.parent))


def read_damaged(course: Course) -> None:
    """Raise what SQLite raises where it comes upon a page that is none."""
    with open_gradebook(course.directory):
        raise RuntimeError("nbgrader's own") from sqlite3.DatabaseError("database disk image is malformed")


def test_a_new_gradebook_comes_into_being_whole(gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is killed while nbgrader makes its tables leaves no gradebook, and the same command makes one."""
    gradebook.unlink()
    with monkeypatch.context() as patch:
        patch.setattr("nbgrader.api.get_alembic_version", lambda: 1 / 0)  # it asks for that between two tables
        with pytest.raises(ZeroDivisionError), open_gradebook(Course.open(gradebook.parent).directory):
            raise AssertionError("it was opened")
    assert not gradebook.exists()
    with open_gradebook(Course.open(gradebook.parent).directory) as opened:
        assert opened.students == []
    assert [path.name for path in gradebook.parent.glob("*gradebook.db*")] == ["gradebook.db"]
