"""The tables of the session store, and how its file is opened.

Plain SQLAlchemy Core: mapping rows to objects would cost a scoring run of known images more than reading them.
"""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
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
from annotriage.triage.store_errors import GarbledError

SCHEMA = 4
"""Version of the tables, kept in the file as SQLite's user_version.

1 had no `reviews` and no `actions`; in 2 reviews did not know the file that they were made on; in 3 none was marked as
chosen by chance.
"""
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
# All numbers of a folder in one stretch of the file: the table's own pages are mostly maps.
Index(
    "predictions_numbers",
    *(predictions.c[name] for name in ("folder_id", "model", "name", "size", "modified_ns")),
    *(predictions.c[name] for name in ("predicted_dice", "lower", "upper", "error")),
)

# With which version of reading all images of a folder were predicted. No part of `SCHEMA`: it is made when it is first
# written, and versions that do not know it are not disturbed.
readings = Table(
    "readings",
    MetaData(),
    Column("folder_id", ForeignKey(folders.c.id, ondelete="CASCADE"), primary_key=True),
    Column("model", Text, primary_key=True),
    Column("version", Integer, nullable=False),
)

# Maps that only some models give. No part of `SCHEMA`, as `readings`.
further_maps = Table(
    "further_maps",
    MetaData(),
    Column("prediction_id", ForeignKey(predictions.c.id, ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("map", LargeBinary, nullable=False),
)

# What a prediction has for each way of drawing, and where its image lies among others: float32, little-endian. No part
# of `SCHEMA`, as `readings`.
vectors = Table(
    "prediction_vectors",
    MetaData(),
    Column("prediction_id", ForeignKey(predictions.c.id, ondelete="CASCADE"), primary_key=True),
    Column("by_way", LargeBinary),
    Column("features", LargeBinary),
    Column("look", LargeBinary),
)

# How the people who annotate a folder draw: a key of `annotriage.measures.ways`. No part of `SCHEMA`, as `readings`.
chosen_ways = Table(
    "chosen_ways",
    MetaData(),
    Column("folder_id", ForeignKey(folders.c.id, ondelete="CASCADE"), primary_key=True),
    Column("way", Text, nullable=False),
)

# Where outlines of a folder's images come from, and what they agree on. No part of `SCHEMA`, as `readings`.
_of_people = MetaData()
mask_sources = Table(
    "mask_sources",
    _of_people,
    Column("id", Integer, primary_key=True),
    Column("folder_id", ForeignKey(folders.c.id, ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    Column("source", Text, nullable=False),
    UniqueConstraint("folder_id", "key"),
)
measured_images = Table(
    "measured_images",
    _of_people,
    Column("id", Integer, primary_key=True),
    Column("source_id", ForeignKey(mask_sources.c.id, ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    # The image's file when it was measured; nothing: not known.
    Column("size", Integer),
    Column("modified_ns", Integer),
    Column("content", Text),
    Column("dice", Float),
    Column("dice_min", Float),
    Column("stamp", Text, nullable=False),
    Column("people", Text, nullable=False),
    UniqueConstraint("source_id", "name"),
)

# What people said belongs to the image, whichever model is asked.
reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("folder_id", ForeignKey("folders.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("assignee", Text, nullable=False),
    Column("note", Text, nullable=False),
    # The file that the decision was made on; nothing: not known.
    Column("size", Integer),
    Column("modified_ns", Integer),
    Column("content", Text),
    # Whether chance chose the image, so that what the ranking misses can be estimated.
    Column("control", Boolean, nullable=False, server_default="0"),
    UniqueConstraint("folder_id", "name"),
)

# What was done, in the order of the ids; those undone are the last ones.
actions = Table(
    "actions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("folder_id", ForeignKey("folders.id", ondelete="CASCADE"), nullable=False),
    Column("undone", Boolean, nullable=False),
    Column("label", Text, nullable=False),
    Column("changes", LargeBinary, nullable=False),
    Index("actions_in_order", "folder_id", "undone", "id"),
)

_FROM_2 = (
    "ALTER TABLE reviews ADD COLUMN size INTEGER",
    "ALTER TABLE reviews ADD COLUMN modified_ns INTEGER",
    "ALTER TABLE reviews ADD COLUMN content TEXT",
    # The file that was scored last is what was looked at, as far as anybody knows.
    """
    UPDATE reviews SET (size, modified_ns) = (
        SELECT size, modified_ns FROM predictions AS p
        WHERE p.folder_id = reviews.folder_id AND p.name = reviews.name ORDER BY modified_ns DESC LIMIT 1
    ) WHERE decision != 'undecided'
    """,
)
_FROM_3 = ("ALTER TABLE reviews ADD COLUMN control BOOLEAN DEFAULT '0' NOT NULL",)

# What damage would hide: each question is answered by an index alone.
_LOST = """
SELECT EXISTS (SELECT 1 FROM folders WHERE typeof(path) != 'text')
    OR EXISTS (SELECT 1 FROM reviews WHERE ifnull(folder_id, 0) NOT IN (SELECT id FROM folders))
    OR EXISTS (SELECT 1 FROM actions WHERE ifnull(folder_id, 0) NOT IN (SELECT id FROM folders))
    OR EXISTS (SELECT 1 FROM actions WHERE ifnull(undone, -1) NOT IN (0, 1))
"""


def open_engine(path: Path) -> Engine:
    """Open the file, make the tables that it lacks, and refuse what is none of ours.

    Raises
    ------
    AnnotriageError
        The file is a newer version's or another program's.
    GarbledError
        Something in it would be passed over in silence.
    sqlalchemy.exc.DBAPIError
        SQLite cannot open it.
    """
    _refuse_foreign(path)
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": _PATIENCE})
    event.listen(engine, "connect", _set_up_connection)
    event.listen(engine, "begin", _begin)
    try:
        with engine.connect() as connection:
            version = _version(connection, path)
        if version < SCHEMA:
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                if _version(connection, path) < SCHEMA:  # another process may have been faster
                    _complete(connection)
                    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA}")
        with engine.connect() as connection:
            if connection.exec_driver_sql(_LOST).scalar():
                raise GarbledError("rows that no folder would ever show")
    except BaseException:
        engine.dispose()
        raise
    return engine


def _complete(connection: Connection) -> None:
    """Make what a new or an older file lacks; what it has is not touched."""
    before = _number(connection, "PRAGMA user_version")
    for statement in {2: (*_FROM_2, *_FROM_3), 3: _FROM_3}.get(before, ()):
        connection.exec_driver_sql(statement)
    metadata.create_all(connection)
    for table in metadata.tables.values():  # create_all passes over the indexes of tables that exist
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _refuse_foreign(path: Path) -> None:
    """Refuse a newer version's or another program's file before it is opened in a way that changes its first page."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError:
        return
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        return
    version, is_rollback = int.from_bytes(head[60:64], "big"), head[18] == 1
    if version > SCHEMA:
        raise _newer(path)
    if version == 0 and is_rollback:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise _foreign(path)


def _newer(path: Path) -> AnnotriageError:
    return AnnotriageError(
        f"The session file {path} was written by a newer Annotriage; update this one, or set ANNOTRIAGE_HOME to "
        "another folder."
    )


def _foreign(path: Path) -> AnnotriageError:
    return AnnotriageError(
        f"{path} is a database of another program; set ANNOTRIAGE_HOME to another folder, or move it away."
    )


def _set_up_connection(connection: sqlite3.Connection, _record: object) -> None:
    # Python's own way with transactions begins them late and ends them early; see `_begin`.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
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
    options = connection.get_execution_options()
    # With the write-ahead log NORMAL is safe against a kill and spares a wait for the disk at each transaction; what
    # cannot be computed again is to outlive a power cut, too.
    connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if options.get('lasting', False) else 'NORMAL'}")
    # Whoever is going to write says so at once: a transaction that turns from reading to writing can be refused.
    writes = options.get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _version(connection: Connection, path: Path) -> int:
    """Return the version of the tables; 0: there are none yet."""
    version = _number(connection, "PRAGMA user_version")
    if version > SCHEMA:
        raise _newer(path)
    if version == 0 and _number(connection, "SELECT count(*) FROM sqlite_master"):
        raise _foreign(path)
    return version


def _number(connection: Connection, statement: str) -> int:
    value: Any = connection.exec_driver_sql(statement).scalar()
    return int(value or 0)
