"""Is a database a whole gradebook of this nbgrader, and what is to be done if it is not?

Asked before nbgrader opens it: nbgrader makes every table that is missing, empty, and grades and exports as if nothing
had been in it.
"""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Base
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

#: What to do about a file that cannot be mended.
RESTORE = (
    "restore it from a copy, or move it away and grade again (scores that people gave by hand are in it alone), "
    "or mend c.CourseDirectory.db_url in nbgrader_config.py"
)
_UPGRADE = "it was made by an older nbgrader: keep a copy of it, and run `nbgrader db upgrade`"


def file_of(db_url: str) -> Path | None:
    """Return the file that a database is, whether it is there or not; None for any other database."""
    url = make_url(db_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def wrong(db_url: str) -> str:
    """Say what is wrong with a database and what to do; empty if nothing is, or if there is none yet.

    Raises:
        SQLAlchemyError: It cannot be read at all.
    """
    path = file_of(db_url)
    if path is not None and not path.exists():
        return ""
    engine = create_engine(db_url, poolclass=NullPool)
    with engine.connect() as connection:
        there = {name: {column["name"] for column in columns} for (_, name), columns in _columns(connection).items()}
        return _lacking(connection, there, path is not None)


def _columns(connection: Connection) -> dict[tuple[str | None, str], list[dict[str, str]]]:
    return inspect(connection).get_multi_columns()  # type: ignore[return-value]


def _lacking(connection: Connection, there: dict[str, set[str]], alone: bool) -> str:
    """Say what a database lacks that nbgrader needs.

    Args:
        connection: The database.
        there: Its columns, by table.
        alone: Whether nothing but a gradebook may be in it.
    """
    if not there and alone:
        return f"is empty; {RESTORE}"
    wanted = Base.metadata.tables
    if not set(wanted) & set(there):
        return f"is something else (its tables: {', '.join(sorted(there)[:3])}); {RESTORE}" if alone else ""
    lacking = [f"the table {name}" for name in wanted if name not in there] + [
        f"the column {name}.{column.name}"
        for name, table in wanted.items()
        for column in table.columns
        if name in there and column.name not in there[name]
    ]
    if not lacking:
        return ""
    more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
    return f"lacks {lacking[0]}{more}; {_UPGRADE if _is_older(connection, there) else RESTORE}"


def _is_older(connection: Connection, there: dict[str, set[str]]) -> bool:
    """Tell whether nbgrader's own upgrade would bring a database to what this nbgrader needs."""
    from alembic.script import ScriptDirectory  # only what is wrong needs it

    if "version_num" not in there.get("alembic_version", ()):
        return False
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    scripts = ScriptDirectory(ALEMBIC_DIR)
    known = {script.revision for script in scripts.walk_revisions()}
    return set(found) <= known - {scripts.get_current_head()}
