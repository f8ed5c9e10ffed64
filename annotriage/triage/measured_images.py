"""What people drew of a folder's images, kept in the session store: where it comes from, and what it agrees on."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import inspect

from annotriage.names import as_unicode
from annotriage.triage.decisions import FileStamp
from annotriage.triage.measured import Correction, MaskSource, MeasuredImage, SourceKind
from annotriage.triage.store import SessionStore, folder_id, identity
from annotriage.triage.store_errors import GarbledError
from annotriage.triage.stored_values import check_name, check_reason, check_share, check_text, check_whole
from annotriage.triage.tables import mask_sources, measured_images

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from annotriage.images import ImageFile

# By the driver itself, as in the journal: a folder may hold 100,000 images.
_OF_FOLDER = "FROM mask_sources AS s JOIN folders AS f ON f.id = s.folder_id WHERE f.path = ?"
_SOURCES = f"SELECT s.source {_OF_FOLDER} ORDER BY s.id"
_VALUES = "name, size, modified_ns, content, dice, dice_min, stamp, people"
_MEASURED = f"""
SELECT s.source, m.{_VALUES.replace(", ", ", m.")}
FROM measured_images AS m JOIN mask_sources AS s ON s.id = m.source_id JOIN folders AS f ON f.id = s.folder_id
WHERE f.path = ?
"""
_SAY = (
    "INSERT INTO mask_sources (folder_id, key, source) VALUES (?, ?, ?) "
    "ON CONFLICT (folder_id, key) DO UPDATE SET source = excluded.source"
)
_SOURCE_ID = "SELECT id FROM mask_sources WHERE folder_id = ? AND key = ?"
_PUT = f"INSERT OR REPLACE INTO measured_images (source_id, {_VALUES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_DROP = "DELETE FROM measured_images WHERE source_id = ? AND name = ?"
_DROP_ALL = "DELETE FROM measured_images WHERE source_id = ?"
_FORGET = "DELETE FROM mask_sources WHERE key = ? AND folder_id = (SELECT id FROM folders WHERE path = ?)"


class MeasuredImages:
    """What was measured of one folder's images. May be used by several threads.

    Parameters
    ----------
    store : SessionStore
    folder : Path
        Where the images' names begin.

    Raises
    ------
    AnnotriageError
        From every method: the store cannot be read or written. Then nothing changed.
    """

    def __init__(self, store: SessionStore, folder: Path) -> None:
        self._store = store
        self._folder = identity(folder)

    def write(self, source: MaskSource, images: Iterable[MeasuredImage]) -> None:
        """Note all that a source holds, in the place of what it held before: all of it or nothing."""
        self._write(source, images, whole=True)

    def add(self, source: MaskSource, images: Iterable[MeasuredImage], *, gone: Iterable[str] = ()) -> None:
        """Note what a source holds of some images by now; of the others all stays.

        Parameters
        ----------
        source : MaskSource
        images : iterable of MeasuredImage
        gone : iterable of str
            Names of images of which it holds nothing any more.
        """
        self._write(source, images, gone)

    def forget(self, source: MaskSource) -> None:
        """Forget a source and all that it held."""
        with self._store.writing(lasting=True) as connection:
            if _has_tables(connection):
                _driver(connection).execute(_FORGET, (source.key, self._folder))

    def sources(self) -> list[MaskSource]:
        """Return where outlines come from, in the order in which they were first seen."""
        with self._store.reading() as connection:
            if not _has_tables(connection):
                return []
            rows = _driver(connection).execute(_SOURCES, (self._folder,)).fetchall()
            return [unpack_source(source) for (source,) in rows]

    def read(self, files: "Mapping[str, ImageFile] | None" = None) -> dict[str, MeasuredImage]:
        """Return what stands for each image, by its name.

        Where several sources have an image: see `standing`.

        Parameters
        ----------
        files : mapping of str to ImageFile or None
            The files as they are now, by name; None: it is not asked.
        """
        held = self.by_source()
        if len(held) == 1:
            return next(iter(held.values()))
        several: defaultdict[str, list[MeasuredImage]] = defaultdict(list)
        for images in held.values():
            for name, one in images.items():
                several[name].append(one)
        return {name: standing(found, None if files is None else files.get(name)) for name, found in several.items()}

    def read_of(self, source: MaskSource) -> dict[str, MeasuredImage]:
        """Return what one source holds, by the images' names."""
        return self.by_source().get(source.key, {})

    def by_source(self) -> dict[str, dict[str, MeasuredImage]]:
        """Return what is stored, by the keys of the sources and the names of the images."""
        with self._store.reading() as connection:
            if not _has_tables(connection):
                return {}
            rows = _driver(connection).execute(_MEASURED, (self._folder,)).fetchall()
            sources = {text: unpack_source(text) for text in {row[0] for row in rows}}
            held: dict[str, dict[str, MeasuredImage]] = {source.key: {} for source in sources.values()}
            by_text = {text: (source, held[source.key]) for text, source in sources.items()}
            people: dict[object, _People] = {}  # many images were drawn by the same people
            for text, *values in rows:
                source, images = by_text[text]
                said = people.get(values[-1])
                if said is None:
                    said = people[values[-1]] = _unpack_people(values[-1])
                one = _unpack(source, values, said)
                images[one.name] = one
            return held

    def _write(
        self, source: MaskSource, images: Iterable[MeasuredImage], gone: Iterable[str] = (), *, whole: bool = False
    ) -> None:
        rows = [_pack(one) for one in images]
        with self._store.writing(lasting=True) as connection:
            for table in (mask_sources, measured_images):
                table.create(connection, checkfirst=True)
            driver, folder = _driver(connection), folder_id(connection, self._folder)
            driver.execute(_SAY, (folder, source.key, _pack_source(source)))
            (number,) = driver.execute(_SOURCE_ID, (folder, source.key)).fetchone()
            if whole:
                driver.execute(_DROP_ALL, (number,))
            driver.executemany(_DROP, [(number, as_unicode(name)) for name in gone])
            driver.executemany(_PUT, [(number, *row) for row in rows])


def standing(several: Sequence[MeasuredImage], file: "ImageFile | None" = None) -> MeasuredImage:
    """Return what stands for an image that several sources have: people of two sources are not compared.

    What was drawn on the file that is there now stands before what was drawn on another one, what is measured before
    what is not, more people before fewer, then what was measured later.
    """

    def place(one: MeasuredImage) -> tuple[bool, bool, int, float]:
        fits = file is None or one.made_on is None or one.made_on.fits(file)
        when = -math.inf if one.measured_at is None else one.measured_at.timestamp()
        return fits, one.is_measured, one.count, when

    return several[0] if len(several) == 1 else max(several, key=place)


def _driver(connection: "Connection") -> Any:
    return connection.connection.driver_connection


def _has_tables(connection: "Connection") -> bool:
    return inspect(connection).has_table(measured_images.name)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _pack(one: MeasuredImage) -> tuple[Any, ...]:
    made_on = one.made_on
    stamp = (None, None, None) if made_on is None else (made_on.size, made_on.modified_ns, made_on.content)
    # What two people agree on is said already: then many images have the same text.
    pairs = [] if one.count == 2 and one.pairs == ((0, 1, one.dice),) else [list(pair) for pair in one.pairs]
    people = {
        "annotators": [as_unicode(name) for name in one.annotators],
        "seconds": list(one.seconds),
        "pairs": pairs,
        "problem": as_unicode(one.problem),
        "measured_at": None if one.measured_at is None else one.measured_at.isoformat(timespec="seconds"),
    }
    return (
        as_unicode(one.name), *stamp, _number(one.dice), _number(one.dice_min), one.stamp, json.dumps(people)
    )  # fmt: skip


class _People(NamedTuple):
    """What is said of an image beside its numbers."""

    annotators: tuple[str, ...]
    seconds: tuple[float | None, ...]
    pairs: tuple[tuple[int, int, float], ...]
    problem: str
    measured_at: datetime | None


def _unpack_people(people: object) -> _People:
    said = _json(people)
    try:
        annotators = tuple(check_text(each) for each in said["annotators"])
        seconds = tuple(None if each is None else float(each) for each in said["seconds"])
        pairs = tuple((int(first), int(second), float(pair)) for first, second, pair in said["pairs"])
        at = said["measured_at"]
        measured_at = None if at is None else datetime.fromisoformat(check_text(at))
        problem = check_text(said["problem"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise GarbledError(f"{people!r:.80} says of nobody what was drawn") from error
    if any(not 0 <= place < len(annotators) for pair in pairs for place in pair[:2]):
        raise GarbledError("pairs of people who are not named")
    if seconds and len(seconds) != len(annotators):
        raise GarbledError("times of people who are not named")
    return _People(annotators, seconds, pairs, problem, measured_at)


def _unpack(source: MaskSource, values: list[Any], said: _People) -> MeasuredImage:
    name, size, modified_ns, content, dice, dice_min, stamp, _ = values
    made_on = None if size is None else FileStamp(check_whole(size), check_whole(modified_ns), check_reason(content))
    dice, dice_min = (math.nan if (share := check_share(one)) is None else share for one in (dice, dice_min))
    pairs = said.pairs
    if not pairs and len(said.annotators) == 2 and dice is not math.nan:
        pairs = ((0, 1, dice),)
    return MeasuredImage(
        check_name(name), dice, dice_min, said.annotators, said.seconds, source.words, said.measured_at, pairs,
        said.problem, made_on, check_text(stamp),
    )  # fmt: skip


def _pack_source(source: MaskSource) -> str:
    return json.dumps(
        {
            "kind": source.kind.value,
            "words": as_unicode(source.words),
            "paths": [str(path) for path in source.paths],
            "pattern": source.pattern,
            "label": source.label,
            "resample": source.resample,
            "tasks": None if source.tasks is None else str(source.tasks),
            "corrections": [[str(each.path), *each[1:]] for each in source.corrections],
            "address": source.address,
            "project": source.project,
        }
    )


def unpack_source(text: object) -> MaskSource:
    """Return a source as it is stored.

    Raises
    ------
    GarbledError
        Damage made something else of it.
    """
    said = _json(text)
    try:
        project = said["project"]
        return MaskSource(
            SourceKind(said["kind"]),
            check_text(said["words"]),
            tuple(Path(check_text(path)) for path in said["paths"]),
            check_reason(said["pattern"]),
            check_reason(said["label"]),
            said["resample"] is True,
            None if said["tasks"] is None else Path(check_text(said["tasks"])),
            tuple(
                Correction(Path(check_text(path)), check_whole(place), *map(check_text, texts))
                for path, place, *texts in said["corrections"]
            ),
            check_text(said["address"]),
            None if project is None else check_whole(project),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise GarbledError(f"{text!r:.80} is no source of masks") from error


def _json(text: object) -> dict[str, Any]:
    try:
        said = json.loads(check_text(text))
    except (ValueError, RecursionError) as error:
        raise GarbledError(str(error)) from None
    if not isinstance(said, dict):
        raise GarbledError(f"{text!r:.80} says nothing by name")
    return said
