"""One place opens the gradebook, and whoever reads it there is told in a sentence when it is away."""

from __future__ import annotations

import ast
import sqlite3
from pathlib import Path

import pytest
from nbgrader.api import InvalidEntry, MissingEntry
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import coursegrader
from coursegrader.course.course import Course
from coursegrader.course.setup.gradebook import open_gradebook, place_of, went_away
from coursegrader.errors import CourseError, GradebookError

PACKAGE = Path(coursegrader.__file__).parent


def test_a_database_that_goes_away_while_it_is_read_ends_in_a_sentence(course: Course) -> None:
    with pytest.raises(GradebookError, match=r"gradebook\.db does not answer any more \(the server closed"):
        read_what_is_away(course)


def read_what_is_away(course: Course) -> None:
    """Raise as nbgrader does, which wraps what the database raises."""
    with open_gradebook(course.directory):
        try:
            raise OperationalError("SELECT 1", {}, ConnectionError("the server closed the connection"))
        except OperationalError as error:
            raise InvalidEntry("no such student") from error


def test_what_is_no_fault_of_the_databases_is_raised_as_it_is(course: Course) -> None:
    with pytest.raises(CourseError, match="no such assignment"), open_gradebook(course.directory):
        raise CourseError("no such assignment")
    with pytest.raises(MissingEntry), open_gradebook(course.directory) as gradebook:
        gradebook.find_student("nobody")
    with pytest.raises(OperationalError), open_gradebook(course.directory) as gradebook:
        gradebook.db.execute(text("SELECT * FROM no_such_table"))


def test_a_file_that_is_no_database_ends_in_a_sentence(course: Course) -> None:
    (course.root / "gradebook.db").write_bytes(b"no database " * 200)
    away = pytest.raises(GradebookError, match=r"cannot be opened .*restore it.*mend c\.CourseDirectory\.db_url")
    with away, open_gradebook(course.directory):
        raise AssertionError("it was opened")


def test_no_other_module_opens_the_gradebook() -> None:
    opening = []
    for path in PACKAGE.rglob("*.py"):
        calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
        if any(isinstance(call.func, ast.Name) and call.func.id == "Gradebook" for call in calls):
            opening.append(path.relative_to(PACKAGE).as_posix())
    assert opening == ["course/setup/gradebook.py"]


def _of_sqlite(words: str) -> OperationalError:
    return OperationalError("SELECT 1", None, sqlite3.OperationalError(words))


def test_a_locked_database_is_waited_for_and_one_without_a_table_is_not() -> None:
    assert went_away(_of_sqlite("database is locked")) is not None
    assert went_away(_of_sqlite("no such table: grade")) is None
    wrapped = InvalidEntry("nbgrader's own")
    wrapped.__cause__ = _of_sqlite("database table is locked")
    assert went_away(wrapped) is wrapped.__cause__
    assert went_away(ValueError("something else")) is None


def test_where_a_gradebook_is_is_told_without_its_password(course: Course) -> None:
    course.directory.db_url = "postgresql://ada:lovelace@db.school/grades"
    assert place_of(course.directory) == "postgresql://ada:***@db.school/grades"
    course.directory.db_url = "no address"
    assert place_of(course.directory) == "of this course"
