"""Where is nbgrader's gradebook, and in which words is it told that it is away?"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

import nbgrader.api
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from coursegrader.course.setup import schema
from coursegrader.errors import CourseGraderError, GradebookError
from coursegrader.files import temporary_folder, write_whole

_DAMAGED = ("malformed", "not a database")  # as SQLite says it
PATIENCE = 300.0  # seconds for which a database that has gone away is waited for


@cache
def _newest_revision() -> str | None:
    from alembic.script import ScriptDirectory  # a new database needs it, and nothing else does

    return ScriptDirectory(ALEMBIC_DIR).get_current_head()


# nbgrader's own writes a file for it into a folder under /tmp whenever a gradebook is opened; a kill leaves that there
nbgrader.api.get_alembic_version = _newest_revision


@contextmanager
def open_gradebook(directory: CourseDirectory) -> Iterator[Gradebook]:
    """Open the gradebook of a course for as long as a block lasts.

    Raises:
        GradebookError: The database cannot be reached, it is no gradebook of this nbgrader, or it goes away or is found
            damaged within the block.
    """
    gradebook = connect(directory)
    try:
        yield gradebook
    except CourseGraderError:
        raise
    except Exception as error:  # nbgrader raises many kinds out of what the database raises
        refuse_damaged(directory, error)
        if (gone := went_away(error)) is None:
            raise
        raise GradebookError(
            f"the gradebook {place_of(directory)} does not answer any more ({reason_of(gone)}); "
            "see to the database, and give the same command again"
        ) from error
    finally:
        gradebook.close()


def connect(directory: CourseDirectory) -> Gradebook:
    """Open the gradebook of a course until whoever asked for it closes it.

    Raises:
        GradebookError: The database cannot be reached, there is none, or it is no gradebook of this nbgrader.
    """
    try:
        problem = schema.wrong(directory.db_url)
        if not problem:
            _make_whole(directory)
            return Gradebook(directory.db_url, directory.course_id)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        raise GradebookError(
            f"the gradebook {place_of(directory)} cannot be opened ({reason_of(error)}); {_next_step(directory)}"
        ) from error
    raise GradebookError(f"the gradebook {place_of(directory)} {problem}")


def _make_whole(directory: CourseDirectory) -> None:
    """Make the file of a gradebook that is not there, whole or not at all: a kill between two tables would leave a part."""
    path = schema.file_of(directory.db_url)
    if path is None or path.exists() or not path.parent.is_dir():
        return
    with temporary_folder("gradebook") as folder:
        Gradebook(f"sqlite:///{folder}/new.db", directory.course_id).close()
        made = path.with_name(f".{path.name}.new")
        write_whole(made, (folder / "new.db").read_bytes())
    with suppress(FileExistsError, FileNotFoundError):  # another process was first, and both use its file
        os.link(made, path)
    made.unlink(missing_ok=True)


def _next_step(directory: CourseDirectory) -> str:
    """Return what to do about a database that cannot be read."""
    try:
        if schema.file_of(directory.db_url) is not None:
            return schema.RESTORE
    except SQLAlchemyError:  # it names none
        pass
    return "start the database, or mend c.CourseDirectory.db_url in nbgrader_config.py"


def refuse_damaged(directory: CourseDirectory, error: BaseException) -> None:
    """Say what to do if an error shows that the file of the database is damaged: nobody's scores can be saved in it.

    Raises:
        GradebookError: It does.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, sqlite3.DatabaseError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None and any(words in str(cause) for words in _DAMAGED):
        raise GradebookError(
            f"the gradebook {place_of(directory)} cannot be used ({cause}); {schema.RESTORE}"
        ) from error


def place_of(directory: CourseDirectory) -> str:
    """Return where the gradebook is, without a password."""
    try:
        return make_url(directory.db_url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "of this course"


def reason_of(error: BaseException) -> str:
    """Return the first line of what the database itself said."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]


def went_away(error: BaseException | None) -> BaseException | None:
    """Return what shows that the database has gone away or is locked, while nothing is wrong with what was written."""
    while error is not None and not isinstance(error, (OperationalError, InterfaceError)):
        error = error.__cause__ or error.__context__  # nbgrader raises an error of its own out of it
    if error is not None and isinstance(error.orig, sqlite3.Error) and "locked" not in str(error.orig):
        return None  # SQLite calls a missing table by the same name
    return error
