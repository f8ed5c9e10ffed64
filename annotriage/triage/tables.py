"""The tables of the session store, and how its file is opened.

Plain SQLAlchemy Core: mapping rows to objects would cost a scoring run of known images more than reading them.
"""

import sqlite3
import time
from pathlib import Path
from typing import Any

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
        with engine.connect() as connection:
            version = _version(connection, path)
        if version == 0:
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                if _version(connection, path) == 0:  # another process may have been faster
                    metadata.create_all(connection)
                    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA}")
    except BaseException:
        engine.dispose()
        raise
    return engine


def _set_up_connection(connection: sqlite3.Connection, _record: object) -> None:
    # Python's own way with transactions begins them late and ends them early; see `_begin`.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # With the write-ahead log this is safe against a kill, and spares a wait for the disk at each transaction.
    connection.execute("PRAGMA synchronous = NORMAL")
    _use_write_ahead_log(connection)


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    # SQLite does not wait here as it does elsewhere: of processes that open a new file at once, some are turned away.
    deadline = time.monotonic() + _PATIENCE
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin(connection: Connection) -> None:
    # Whoever is going to write says so at once: a transaction that turns from reading to writing can be refused.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _version(connection: Connection, path: Path) -> int:
    """Return the version of the tables; 0: there are none yet."""
    version = _number(connection, "PRAGMA user_version")
    if version > SCHEMA:
        raise AnnotriageError(
            f"The session file {path} was written by a newer Annotriage; update this one, or set ANNOTRIAGE_HOME to "
            "another folder."
        )
    if version == 0 and _number(connection, "SELECT count(*) FROM sqlite_master"):
        raise AnnotriageError(
            f"{path} is a database of another program; set ANNOTRIAGE_HOME to another folder, or move it away."
        )
    return version


def _number(connection: Connection, statement: str) -> int:
    value: Any = connection.exec_driver_sql(statement).scalar()
    return int(value or 0)
