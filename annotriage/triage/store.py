"""What is known about the images of each folder, kept in one SQLite file.

Several processes and threads may use the file at once. A prediction belongs to a folder (its resolved path), an
image's name in it and a model; it counts as long as the image has the same size and time of change.
"""

import json
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, inspect, select, type_coerce
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import NullType

from annotriage.image_maps import HEATMAP, LESION
from annotriage.names import as_unicode
from annotriage.scoring.prediction import Prediction
from annotriage.triage.blobs import pack_map, unpack_map
from annotriage.triage.store_errors import DamagedStoreError, GarbledError, as_sentence, check_locks
from annotriage.triage.store_file import file_identity, held_open, write_back
from annotriage.triage.stored_numbers import StoredNumbers, read_numbers
from annotriage.triage.stored_values import (
    check_further,
    check_name,
    check_reason,
    check_share,
    check_text,
    check_whole,
)
from annotriage.triage.stored_vectors import by_way_of, features_of, has_vectors, write_vectors
from annotriage.triage.tables import folders, further_maps, open_engine, predictions, readings, vectors

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Engine, Select

    from annotriage.images import ImageFile

__all__ = ["FILE_NAME", "SessionStore", "StoredNumbers", "folder_id", "identity"]

FILE_NAME = "sessions.sqlite"
_AT_ONCE = 200
"""Rows that are read by their names in one go."""

_KEY = ("folder_id", "model", "name")
_NUMBERS = ("size", "modified_ns", "predicted_dice", "lower", "upper", "further", "error")
_DECIMALS = {HEATMAP: None, LESION: 3}
"""The maps that nearly every model gives have columns of their own; digits after the point that count of them."""
_VALUES = (*_NUMBERS, *_DECIMALS)
_LIGHT = [predictions.c[name] for name in ("name", *_NUMBERS)]
# Without SQLAlchemy's own reading, which makes as many bytes of a number as it says.
_MAPS = [type_coerce(predictions.c[name], NullType()).label(name) for name in _DECIMALS]
_BY_WAY, _FEATURES, _LOOK = (
    type_coerce(vectors.c[name], NullType()).label(name) for name in ("by_way", "features", "look")
)


class SessionStore:
    """Predictions of all folders and models, and what people decided; for that see `ReviewJournal`.

    Parameters
    ----------
    path : Path or None
        The SQLite file, made where it does not exist; None: ``sessions.sqlite`` in the user's folder.

    Attributes
    ----------
    path : Path
    is_damaged : bool
        It turned out that the file cannot be made sense of.

    Raises
    ------
    AnnotriageError
        The file is damaged, a newer version's or another program's, or cannot be opened or made. It is never deleted
        or changed then.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is None:
            from annotriage.user_folder import user_folder

            path = user_folder() / FILE_NAME
        self.path = Path(path)
        self.is_damaged = False
        self._lock = threading.Lock()
        with self._sentences():
            self._open()

    def known(self, folder: Path, model: str, files: Iterable["ImageFile"]) -> dict[str, Prediction]:
        """Read what is known about images, without their maps.

        Parameters
        ----------
        folder : Path
            The folder in which the names of the files begin.
        model : str
            The model's key.
        files : iterable of ImageFile
            As they are now.

        Returns
        -------
        dict of str to Prediction
            Name -> prediction, for the files that did not change since; with `error` for those that failed.
        """
        files = list(files)
        with self.reading() as connection:
            query = _query(connection, _LIGHT, _BY_WAY, _FEATURES).where(*_of(folder, model))
            if len(files) <= _AT_ONCE:  # a few of a folder that can hold 100,000
                query = query.where(predictions.c.name.in_([file.name for file in files]))
            rows = {check_name(row.name): row for row in connection.execute(query)}
            return {
                file.name: _prediction(file.path, row)
                for file in files
                if (row := rows.get(file.name)) is not None and _is_of(row, file)
            }

    def known_folders(self) -> list[Path]:
        """List the folders of which anything is kept."""
        with self.reading() as connection:
            return [Path(check_name(path)) for path in connection.execute(select(folders.c.path)).scalars()]

    def numbers(
        self, folder: Path, model: str, *, by_way: bool = False, features: bool = False, looks: bool = False
    ) -> StoredNumbers:
        """Read the numbers of all images of a folder that were ever scored, whatever became of their files.

        With it a folder that was scored before is shown at once, before its files are looked at: 100,000 images take
        a few tenths of a second. `by_way`, `features`, `looks`: whether to read these, too.
        """
        with self.reading() as connection:
            return read_numbers(connection, identity(folder), model, by_way=by_way, features=features, looks=looks)

    def with_maps(self, folder: Path, model: str, files: Sequence["ImageFile"]) -> Iterator[Prediction]:
        """Read predictions with their maps, in the order of `files`; those that are not known are left out.

        Only a bounded number is in memory at a time.
        """
        for start in range(0, len(files), _AT_ONCE):
            part = files[start : start + _AT_ONCE]
            named = predictions.c.name.in_([file.name for file in part])
            with self.reading() as connection:
                query = _query(connection, [predictions.c.id, *_LIGHT, *_MAPS], _BY_WAY, _FEATURES, _LOOK)
                rows = {row.name: row for row in connection.execute(query.where(*_of(folder, model), named))}
                light = {
                    file: _prediction(file.path, row)
                    for file in part
                    if (row := rows.get(file.name)) is not None and _is_of(row, file)
                }
                further = _read_further(connection, [rows[file.name].id for file in light])
            for file, prediction in light.items():
                row = rows[file.name]
                packed = {name: getattr(row, name) for name in _DECIMALS} | further.get(row.id, {})
                try:
                    maps = {name: values for name, blob in packed.items() if (values := unpack_map(blob)) is not None}
                except GarbledError:  # as if it had never been scored
                    continue
                yield replace(prediction, maps=maps)

    def keep(self, folder: Path, model: str, scored: Sequence[tuple["ImageFile", Prediction]]) -> None:
        """Write predictions down, all of them or none, in the place of what was known of the same images.

        Raises
        ------
        AnnotriageError
            The disk is full or read-only, or another program holds the file for too long.
        """
        if not scored:
            return
        statement = insert(predictions)
        either = statement.on_conflict_do_update(
            index_elements=_KEY, set_={name: statement.excluded[name] for name in _VALUES}
        )
        rows = [_row(file, prediction) for file, prediction in scored]
        with self.writing() as connection:
            key = {"folder_id": folder_id(connection, identity(folder)), "model": model}
            connection.execute(either, [key | row for row in rows])
            for start in range(0, len(scored), _AT_ONCE):
                part = {file.name: prediction for file, prediction in scored[start : start + _AT_ONCE]}
                _write_beside(connection, key, part)

    def reading_of(self, folder: Path, model: str) -> int:
        """Return with which version of reading all images of a folder were predicted; 0: not known."""
        query = (
            select(readings.c.version)
            .join(folders)
            .where(folders.c.path == identity(folder), readings.c.model == model)
        )
        with self.reading() as connection:
            if not inspect(connection).has_table(readings.name):
                return 0
            version = connection.execute(query).scalar()
        return version if type(version) is int else 0  # whatever damage made of it: they are looked at again

    def set_reading(self, folder: Path, model: str, version: int) -> None:
        """Note with which version of reading all images of a folder were predicted.

        Raises
        ------
        AnnotriageError
            The disk is full or read-only, or another program holds the file for too long.
        """
        statement = insert(readings)
        either = statement.on_conflict_do_update(
            index_elements=("folder_id", "model"), set_={"version": statement.excluded.version}
        )
        with self.writing() as connection:
            readings.create(connection, checkfirst=True)
            key = {"folder_id": folder_id(connection, identity(folder)), "model": model}
            connection.execute(either, [key | {"version": version}])

    @contextmanager
    def reading(self) -> "Iterator[Connection]":
        """Lend a connection for reading; it waits for nobody who writes.

        Raises
        ------
        AnnotriageError
            The file is damaged or out of reach.
        """
        with self._sentences(), self._in_place().connect() as connection:
            yield connection

    @contextmanager
    def writing(self, *, lasting: bool = False) -> "Iterator[Connection]":
        """Lend a connection in a transaction, which is written down when the block ends well, all of it or nothing.

        Parameters
        ----------
        lasting : bool
            Wait for the disk, so that it outlives a power cut; without, it outlives a kill.

        Raises
        ------
        AnnotriageError
            The disk is full or read-only, or another program holds the file for too long.
        """
        with (
            self._sentences(),
            self._in_place().connect().execution_options(writes=True, lasting=lasting) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Let go of the file."""
        self._held.close()
        self._engine.dispose()

    def __enter__(self) -> "SessionStore":
        """Use the store in a `with` statement, which closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        check_locks(self.path.parent, self.path)
        engine = open_engine(self.path)
        try:
            self._held, self._identity = held_open(self.path), file_identity(self.path)
        except BaseException:
            engine.dispose()
            raise
        self._engine = engine

    def _in_place(self) -> "Engine":
        """Return what connects to the file; where it was deleted meanwhile, it is written back before."""
        with self._lock:
            now = file_identity(self.path)
            if now != self._identity:
                held, engine = self._held, self._engine
                if now is None:
                    write_back(held, self.path)
                self._open()
                held.close()
                engine.dispose()
            return self._engine

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error, OSError, UnicodeError, zlib.error, GarbledError) as error:
            sentence = as_sentence(error, self.path)
            if sentence is None:
                raise
            self.is_damaged |= isinstance(sentence, DamagedStoreError)
            raise sentence from error


def identity(folder: Path) -> str:
    """Name a folder by its resolved path, as valid Unicode."""
    return as_unicode(str(folder.resolve()))


def folder_id(connection: "Connection", path: str) -> int:
    """Return the number of a folder, by its `identity`; it gets one where it has none."""
    connection.execute(insert(folders).values(path=path).on_conflict_do_nothing())
    return int(connection.execute(select(folders.c.id).where(folders.c.path == path)).scalar_one())


def _row(file: "ImageFile", prediction: Prediction) -> dict[str, Any]:
    dice, lower, upper = prediction.as_computed  # whoever it was meant for
    return {
        "name": file.name,
        "size": file.size,
        "modified_ns": file.modified_ns,
        "predicted_dice": dice,
        "lower": lower,
        "upper": upper,
        "further": json.dumps(prediction.further) if prediction.further else None,
        "error": prediction.error,
        **{name: pack_map(prediction.maps.get(name), decimals=digits) for name, digits in _DECIMALS.items()},
    }


def _write_beside(connection: "Connection", key: dict[str, Any], scored: dict[str, Prediction]) -> None:
    """Write down what has no columns in the predictions' table, in the place of what was known; for a few images."""
    of_model = [predictions.c[name] == value for name, value in key.items()]
    query = select(predictions.c.name, predictions.c.id).where(*of_model, predictions.c.name.in_(scored))
    ids = {row.name: row.id for row in connection.execute(query)}
    write_vectors(connection, ids, scored)
    rows = [
        {"prediction_id": ids[image], "name": name, "map": pack_map(values)}
        for image, prediction in scored.items()
        for name, values in prediction.maps.items()
        if name not in _DECIMALS
    ]
    if rows:
        further_maps.create(connection, checkfirst=True)
    elif not inspect(connection).has_table(further_maps.name):
        return
    connection.execute(delete(further_maps).where(further_maps.c.prediction_id.in_(ids.values())))
    if rows:
        connection.execute(further_maps.insert(), rows)


def _read_further(connection: "Connection", ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Read the packed maps that have no columns of their own, by the predictions' ids."""
    found: dict[int, dict[str, Any]] = {}
    if not ids or not inspect(connection).has_table(further_maps.name):
        return found
    columns = further_maps.c
    query = select(columns.prediction_id, columns.name, type_coerce(columns.map, NullType()).label("map"))
    for row in connection.execute(query.where(columns.prediction_id.in_(ids)).order_by(columns.name)):
        found.setdefault(row.prediction_id, {})[check_text(row.name)] = row.map
    return found


def _of(folder: Path, model: str) -> "list[ColumnElement[bool]]":
    return [folders.c.path == identity(folder), predictions.c.model == model]


def _query(connection: "Connection", columns: Sequence[Any], *beside: Any) -> "Select[Any]":
    """Ask for columns of predictions, and for what lies beside them where the file has any."""
    if not has_vectors(connection):
        return select(*columns).join(folders)
    return select(*columns, *beside).join(folders).outerjoin(vectors, vectors.c.prediction_id == predictions.c.id)


def _is_of(row: Any, file: "ImageFile") -> bool:
    """Say whether what is stored was seen in the file as it is now."""
    return (check_whole(row.size), check_whole(row.modified_ns)) == (file.size, file.modified_ns)


def _prediction(image: Path, row: Any) -> Prediction:
    """Return a stored prediction without its maps, and what lies beside it as far as it was asked for."""
    try:
        further = json.loads(check_text(row.further)) if row.further is not None else {}
    except (ValueError, RecursionError) as error:
        raise GarbledError(str(error)) from None
    dice, reason = check_share(row.predicted_dice), check_reason(row.error)
    if dice is None and reason is None:
        raise GarbledError("neither a prediction nor a reason why there is none")
    return Prediction(
        image,
        dice,
        check_share(row.lower),
        check_share(row.upper),
        further=check_further(further),
        by_way=by_way_of(getattr(row, "by_way", None)),
        features=features_of(getattr(row, "features", None)),
        look=features_of(getattr(row, "look", None)),
        error=reason,
    )
