"""Put a damaged session file aside, and take over from it what can still be read of people's decisions."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from annotriage.triage.decisions import DECISIONS
from annotriage.triage.store import SessionStore, folder_id
from annotriage.triage.tables import reviews

_ENDINGS = ("", "-wal", "-shm")
_COLUMNS = ("name", "decision", "assignee", "note")


def put_aside(path: Path) -> Path:
    """Rename a session file that no store of this program holds open, and what belongs to it; return its new place.

    Raises
    ------
    OSError
        It cannot be renamed.
    """
    aside, number = path.with_name(f"{path.name}.damaged"), 2
    while aside.exists():
        aside = path.with_name(f"{path.name}.damaged-{number}")
        number += 1
    for ending in _ENDINGS:
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").rename(f"{aside}{ending}")
    return aside


def salvage(damaged: Path, store: SessionStore) -> int:
    """Write all reviews that a damaged file still gives away into a store; return how many images they are about.

    Raises
    ------
    AnnotriageError
        The store cannot be written.
    """
    folders, said = _readable(damaged)
    rows = [
        # A decision is worth having without its note.
        (folders[folder], dict(zip(_COLUMNS, (one if isinstance(one, str) else "" for one in values), strict=True)))
        for (folder, *values) in said.values()
        if folder in folders and isinstance(values[0], str) and values[1] in DECISIONS
    ]
    if not rows:
        return 0
    with store.writing(lasting=True) as connection:
        numbers = {path: folder_id(connection, path) for path in {path for path, _ in rows}}
        for path, values in rows:
            connection.execute(reviews.insert().prefix_with("OR IGNORE").values(folder_id=numbers[path], **values))
    return len(rows)


def _readable(damaged: Path) -> tuple[dict[int, str], dict[int, tuple[Any, ...]]]:
    """Read folders and reviews by their ids, from both ends up to where the damage is."""
    folders: dict[int, str] = {}
    said: dict[int, tuple[Any, ...]] = {}
    with suppress(sqlite3.Error), closing(sqlite3.connect(damaged)) as connection:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        for order in ("ASC", "DESC"):
            with suppress(sqlite3.Error):
                for number, path in connection.execute(f"SELECT id, path FROM folders ORDER BY id {order}"):
                    if isinstance(path, str):
                        folders[number] = path
            with suppress(sqlite3.Error):
                columns = ", ".join(_COLUMNS)
                for number, *row in connection.execute(
                    f"SELECT id, folder_id, {columns} FROM reviews ORDER BY id {order}"
                ):
                    said[number] = tuple(row)
    return folders, said
