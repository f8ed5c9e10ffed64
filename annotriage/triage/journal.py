"""What people decided about the images of a folder, and how to take it back: undo and redo without limit.

All of it lies in the session store, so that it outlives the window, and several windows and processes may decide about
one folder at once: each change is one transaction that starts from what holds by then.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from annotriage.errors import AnnotriageError
from annotriage.triage.decisions import NOTHING_SAID, Decision, FileStamp, Review
from annotriage.triage.store import SessionStore, folder_id, identity
from annotriage.triage.store_errors import GarbledError
from annotriage.triage.stored_values import check_name, check_said, check_text

if TYPE_CHECKING:
    from sqlalchemy import Connection

Label: TypeAlias = str | Callable[[int], str]
"""What an action is called; as a function, of how many images it changes."""
_Said: TypeAlias = list[Any]
"""A review as it is stored: decision, assignee, note, of the file size, time and content, and whether it is a control.

Of an action that an earlier version wrote down, the last ones are missing.
"""

# By the driver itself: an action may touch 100,000 images.
_FOLDER = "(SELECT id FROM folders WHERE path = ?)"
_SAID = "decision, assignee, note, size, modified_ns, content, control"
_ALL = f"SELECT name, {_SAID} FROM reviews WHERE folder_id = {_FOLDER}"
_SOME = f"SELECT name, {_SAID} FROM reviews WHERE folder_id = ? AND name = ?"
_SAY = (
    f"INSERT INTO reviews (folder_id, name, {_SAID}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (folder_id, name) DO UPDATE SET decision = excluded.decision, assignee = excluded.assignee, "
    "note = excluded.note, size = excluded.size, modified_ns = excluded.modified_ns, content = excluded.content, "
    "control = excluded.control"
)
_STAMP = (
    f"UPDATE reviews SET modified_ns = ? WHERE folder_id = {_FOLDER} AND name = ? AND decision = ? "
    "AND size = ? AND content = ?"
)
_UNSAY = "DELETE FROM reviews WHERE folder_id = ? AND name = ?"
_DO = "INSERT INTO actions (folder_id, undone, label, changes) VALUES (?, 0, ?, ?)"
_DROP_UNDONE = "DELETE FROM actions WHERE folder_id = ? AND undone = 1"
_LAST_DONE = "FROM actions WHERE folder_id = {} AND undone = 0 ORDER BY id DESC LIMIT 1"
_FIRST_UNDONE = "FROM actions WHERE folder_id = {} AND undone = 1 ORDER BY id LIMIT 1"
_MARK = "UPDATE actions SET undone = ? WHERE id = ?"
_MOST_CHANGES = 2**29
"""Bytes of one action, unpacked; that of 100,000 images with their notes has some 20 MB."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an action changed, or its undoing or redoing.

    Attributes
    ----------
    label : str
        What the action is called, for people.
    reviews : mapping of str to Review
        Each image that it touched -> what holds now.
    before : mapping of str to Review
        Each of them -> what held before.
    """

    label: str
    reviews: Mapping[str, Review]
    before: Mapping[str, Review] = field(default_factory=dict, compare=False)


class ReviewJournal:
    """The decisions about one folder's images. May be used by several threads.

    What a method did is written to the disk when it returns: neither a kill nor a power cut loses it.

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

    def reviews(self) -> dict[str, Review]:
        """Return all that was said, by image name; images of which nothing was said are left out."""
        with self._store.reading() as connection:
            rows = _driver(connection).execute(_ALL, (self._folder,)).fetchall()
            return {check_name(name): _review(said) for name, *said in rows}

    def record(
        self, label: Label, after: Mapping[str, Review], files: Mapping[str, FileStamp] | None = None
    ) -> Change | None:
        """Note what is said about some images, as one action; what was undone can then no longer be redone.

        Parameters
        ----------
        label : str or callable
            What the action is called: "Send 40 images to experts"; a callable is given how many it changes.
        after : mapping of str to Review
            Name -> all that is said from now on. Images of which that is said already are no part of the action.
        files : mapping of str to FileStamp, optional
            What decisions that differ from those before are made on.

        Returns
        -------
        Change or None
            None: nothing changed, and there is nothing to undo.
        """
        wanted = {_unicode(name): review for name, review in after.items()}

        def said(before: Mapping[str, _Said]) -> dict[str, _Said]:
            return {name: _next(before.get(name), review, (files or {}).get(name)) for name, review in wanted.items()}

        return self._do(label, wanted, said)

    def change(
        self,
        label: Label,
        names: Sequence[str],
        change: Callable[[Review], Review],
        files: Mapping[str, FileStamp] | None = None,
        control: Iterable[str] = (),
    ) -> Change | None:
        """Change what is said about some images, as one action; it starts from what holds by then, whoever said that.

        Parameters
        ----------
        label : str or callable
            What the action is called; a callable is given how many images it changes.
        names : sequence of str
        change : callable
            What holds -> all that is said from now on.
        files : mapping of str to FileStamp, optional
            What is being decided about, be the decision the same as before: it is then made on these files.
        control : iterable of str
            Those of them that chance chose.

        Returns
        -------
        Change or None
            None: nothing changed, and there is nothing to undo.
        """
        names = [_unicode(name) for name in names]
        drawn = {_unicode(name) for name in control}

        def after(before: Mapping[str, _Said]) -> dict[str, _Said]:
            said = {name: change(_review(before.get(name, _NOTHING))) for name in names}
            said |= {name: replace(said[name], control=True) for name in drawn & said.keys()}
            return {name: _next(before.get(name), said[name], (files or {}).get(name), again=True) for name in names}

        return self._do(label, names, after)

    def said(self, names: Iterable[str]) -> dict[str, Review]:
        """Return what is said about some images, those included of which nothing is said."""
        names = [_unicode(name) for name in names]
        with self._store.reading() as connection:
            driver = _driver(connection)
            row = driver.execute(f"SELECT {_FOLDER}", (self._folder,)).fetchone()
            held = _held(driver, row[0], names)
            return {name: _review(held.get(name, _NOTHING)) for name in names}

    def restamp(self, reviews: Mapping[str, Review]) -> None:
        """Note that files hold what they held when they were decided about, though they have another time by now."""
        rows = [
            (made_on.modified_ns, self._folder, _unicode(name), review.decision.value, made_on.size, made_on.content)
            for name, review in reviews.items()
            if (made_on := review.made_on) is not None
        ]
        with self._store.writing() as connection:
            _driver(connection).executemany(_STAMP, rows)

    def undo(self) -> Change | None:
        """Take the last action back that is not yet taken back; None: there is none."""
        return self._step(_LAST_DONE, undone=True)

    def redo(self) -> Change | None:
        """Do the action again that was taken back last; None: there is none, or something was done since."""
        return self._step(_FIRST_UNDONE, undone=False)

    @property
    def undo_label(self) -> str | None:
        """What the action is called that `undo` would take back."""
        return self._label(_LAST_DONE)

    @property
    def redo_label(self) -> str | None:
        """What the action is called that `redo` would do again."""
        return self._label(_FIRST_UNDONE)

    def _do(
        self, label: Label, names: Iterable[str], after: Callable[[Mapping[str, _Said]], Mapping[str, _Said]]
    ) -> Change | None:
        with self._store.writing(lasting=True) as connection:
            driver = _driver(connection)
            folder = folder_id(connection, self._folder)
            before = _held(driver, folder, names)
            wanted = {name: (before.get(name, _NOTHING), said) for name, said in after(before).items()}
            changes = {name: (old, new) for name, (old, new) in wanted.items() if old != new}
            if not changes:
                return None
            driver.execute(_DROP_UNDONE, (folder,))
            said = _unicode(label if isinstance(label, str) else label(len(changes)))
            driver.execute(_DO, (folder, said, _pack(changes)))
            return _apply(driver, folder, said, changes)

    def _step(self, which: str, *, undone: bool) -> Change | None:
        with self._store.writing(lasting=True) as connection:
            driver = _driver(connection)
            folder = folder_id(connection, self._folder)
            row = driver.execute(f"SELECT id, label, changes {which.format('?')}", (folder,)).fetchone()
            if row is None:
                return None
            number, label, packed = row[0], check_text(row[1]), row[2]
            driver.execute(_MARK, (undone, number))
            changes = self._unpack(packed)
            steps = ((name, (said[undone], said[not undone])) for name, said in changes.items())
            return _apply(driver, folder, label, dict(steps))

    def _label(self, which: str) -> str | None:
        with self._store.reading() as connection:
            query = f"SELECT label {which.format(_FOLDER)}"
            row = _driver(connection).execute(query, (self._folder,)).fetchone()
            return None if row is None else check_text(row[0])

    def _unpack(self, packed: object) -> dict[str, list[_Said]]:
        try:
            return _unpacked(packed)
        except (zlib.error, ValueError, TypeError, RecursionError, GarbledError):
            raise AnnotriageError(
                f"The session file {self._store.path} is damaged: this step cannot be taken back. "
                "The decisions themselves are as they were."
            ) from None


_NOTHING: _Said = [NOTHING_SAID.decision.value, NOTHING_SAID.assignee, NOTHING_SAID.note, None, None, None, 0]
_UNDECIDED = NOTHING_SAID.decision.value


def _driver(connection: "Connection") -> Any:
    return connection.connection.driver_connection


def _held(driver: Any, folder: int | None, wanted: Iterable[str]) -> dict[str, _Said]:
    """Return what is said so far about some images; those of which nothing is said are left out."""
    rows = (driver.execute(_SOME, (folder, name)).fetchone() for name in wanted)
    return {row[0]: list(row[1:]) for row in rows if row is not None}


def _apply(driver: Any, folder: int, label: str, changes: Mapping[str, Sequence[_Said]]) -> Change:
    """Write changes down: each image -> what held, and what is to hold."""
    after = {name: _whole(new) for name, (_, new) in changes.items()}
    driver.executemany(_SAY, ((folder, name, *said) for name, said in after.items() if said != _NOTHING))
    driver.executemany(_UNSAY, ((folder, name) for name, said in after.items() if said == _NOTHING))
    before = {name: _review(old) for name, (old, _) in changes.items()}
    return Change(label, {name: _review(said) for name, said in after.items()}, before)


def _pack(changes: Mapping[str, tuple[_Said, _Said]]) -> bytes:
    # One blob: as rows, an action on many images would be as large as the reviews themselves, and slower.
    return zlib.compress(json.dumps(changes, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def _unpacked(packed: Any) -> dict[str, list[_Said]]:
    """Return what `_pack` packed; what damage made of it raises one of several errors."""
    # No more than any action has: a few damaged bytes may stand for gigabytes.
    changes = json.loads(zlib.decompressobj().decompress(packed, _MOST_CHANGES))
    if not isinstance(changes, dict):
        raise GarbledError("no changes by name")
    for name, sides in changes.items():
        check_name(name)
        before, after = sides
        for said in (before, after):
            check_said(_whole(said))
    return changes


def _next(before: _Said | None, review: Review, file: FileStamp | None, *, again: bool = False) -> _Said:
    """Return what is to be stored; a decision that stays keeps its file unless it is made `again`."""
    decision, *_, size, modified_ns, content, _ = _NOTHING if before is None else before
    made_on = [size, modified_ns, content]
    if review.decision.value == _UNDECIDED:
        made_on = [None, None, None]
    elif review.decision.value != decision:
        made_on = [None, None, None] if file is None else [file.size, file.modified_ns, file.content]
    elif again and file is not None and (file.size, file.modified_ns) != (size, modified_ns):
        made_on = [file.size, file.modified_ns, file.content]
    return [review.decision.value, _unicode(review.assignee), _unicode(review.note), *made_on, int(review.control)]


def _whole(said: _Said) -> _Said:
    """Return what an earlier version wrote down with the places that it did not have."""
    return [*said, *_NOTHING[len(said) :]]


def _review(said: _Said) -> Review:
    said = _whole(said)
    check_said(said)
    decision, assignee, note, size, modified_ns, content, control = said
    made_on = None if size is None or modified_ns is None else FileStamp(size, modified_ns, content)
    return Review(Decision(decision), assignee, note, made_on, bool(control))


def _unicode(text: str) -> str:
    """Replace halves of characters, which a text from elsewhere may hold and no file can."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
