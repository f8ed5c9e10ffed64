"""Put a damaged session file aside, and take over from it what can still be read of people's decisions.

And where their masks lie, whose agreement is measured anew, and how the people of a folder draw.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from annotriage.triage.decisions import DECISIONS
from annotriage.triage.measured import MaskSource
from annotriage.triage.measured_images import MeasuredImages, unpack_source
from annotriage.triage.store import SessionStore, folder_id
from annotriage.triage.store_errors import GarbledError
from annotriage.triage.stored_values import check_text
from annotriage.triage.tables import reviews
from annotriage.triage.team_choice import choose_way

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

    Places of masks that were remembered, and ways of drawing that were chosen, are taken over, too.

    Raises
    ------
    AnnotriageError
        The store cannot be written.
    """
    for folder, source in _sources(damaged):
        MeasuredImages(store, Path(folder)).add(source, [])
    for folder, way in _ways(damaged):
        choose_way(store, Path(folder), way)
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


def _sources(damaged: Path) -> list[tuple[str, MaskSource]]:
    """Read where masks of which folder lie, as far as it can be read."""
    found: list[tuple[str, MaskSource]] = []
    with suppress(sqlite3.Error), closing(sqlite3.connect(damaged)) as connection:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        for path, text in connection.execute(
            "SELECT f.path, s.source FROM mask_sources AS s JOIN folders AS f ON f.id = s.folder_id"
        ):
            with suppress(GarbledError):
                found.append((check_text(path), unpack_source(text)))
    return found


def _ways(damaged: Path) -> list[tuple[str, str]]:
    """Read how the people of which folder draw, as far as it can be read."""
    found: list[tuple[str, str]] = []
    with suppress(sqlite3.Error), closing(sqlite3.connect(damaged)) as connection:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        for path, way in connection.execute(
            "SELECT f.path, w.way FROM chosen_ways AS w JOIN folders AS f ON f.id = w.folder_id"
        ):
            with suppress(GarbledError):
                found.append((check_text(path), check_text(way)))
    return found


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
