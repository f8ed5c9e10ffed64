"""The tables of the session store, and how its file is opened.

Plain SQLAlchemy Core: mapping rows to objects would cost a scoring run of known images more than reading them.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
)
from sqlalchemy.engine import URL

from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    import sqlite3

SCHEMA = 1
"""Version of the tables, kept in the file as SQLite's user_version."""
_PATIENCE = 30.0
"""Seconds to wait for another process that is writing."""

metadata = MetaData()

folders = Table(
    "folders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", Text, nullable=False, unique=True),
)

predictions = Table(
    "predictions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("folder_id", ForeignKey("folders.id", ondelete="CASCADE"), nullable=False),
    Column("model", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("modified_ns", Integer, nullable=False),
    Column("predicted_dice", Float),
    Column("lower", Float),
    Column("upper", Float),
    Column("further", Text),
    Column("error", Text),
    # Last, so that reading the columns before them does not touch the pages that they spill over to.
    Column("heatmap", LargeBinary),
    Column("lesion", LargeBinary),
    UniqueConstraint("folder_id", "model", "name"),
)


def open_engine(path: Path) -> Engine:
    """Open the file, make its tables where it is new, and refuse what is none of ours.

    Raises
    ------
    AnnotriageError
        The file is a newer version's or another program's.
    sqlalchemy.exc.DBAPIError
        SQLite cannot open it.
    """
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": _PATIENCE})
    event.listen(engine, "connect", _set_up_connection)
    event.listen(engine, "begin", _begin)
    try:
        with engine.connect().execution_options(writes=True) as connection:
            _check_or_create(connection, path)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _set_up_connection(connection: "sqlite3.Connection", _record: object) -> None:
    # Python's own way with transactions begins them late and ends them early; see `_begin`.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # With the write-ahead log this is safe against a kill, and spares a wait for the disk at each transaction.
    connection.execute("PRAGMA synchronous = NORMAL")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: Connection) -> None:
    # Whoever is going to write says so at once: a transaction that turns from reading to writing can be refused.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check_or_create(connection: Connection, path: Path) -> None:
    version = _number(connection, "PRAGMA user_version")
    if version > SCHEMA:
        raise AnnotriageError(
            f"The session file {path} was written by a newer Annotriage; update this one, or set ANNOTRIAGE_HOME to "
            "another folder."
        )
    if version == 0:
        if _number(connection, "SELECT count(*) FROM sqlite_master"):
            raise AnnotriageError(
                f"{path} is a database of another program; set ANNOTRIAGE_HOME to another folder, or move it away."
            )
        metadata.create_all(connection)
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA}")
        connection.commit()


def _number(connection: Connection, statement: str) -> int:
    value: Any = connection.exec_driver_sql(statement).scalar()
    return int(value or 0)
