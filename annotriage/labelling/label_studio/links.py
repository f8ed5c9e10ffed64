"""Where a folder was sent to: remembered, so that results are fetched without being asked for all of it again."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.json_text import json_bytes
from annotriage.labelling.label_studio.address import server_key
from annotriage.triage.store import identity
from annotriage.user_folder import user_folder
from annotriage.writing import write_whole

_FOLDER = "label-studio"
_NOTE = "sent.json"
EXPORT = "annotations.json"
"""What people drew, as the server exported it."""


@dataclass(frozen=True, slots=True)
class Link:
    """A folder and a project that it was sent to.

    Attributes
    ----------
    folder : Path
    address : str
        Of the server.
    project : int
    title : str
        Of the project.
    """

    folder: Path
    address: str
    project: int
    title: str = ""

    @property
    def place(self) -> Path:
        """The folder of ours that holds what was fetched."""
        said = f"{identity(self.folder)}\n{server_key(self.address)}\n{self.project}"
        key = hashlib.sha256(said.encode()).hexdigest()[:16]
        return user_folder() / _FOLDER / key

    def is_at(self, address: str) -> bool:
        """Say whether the project is one of a server, however the address of that is written."""
        return server_key(self.address) == server_key(address)

    @property
    def export(self) -> Path:
        """What people drew, as it was fetched last: a file that Label Studio itself could have exported."""
        return self.place / EXPORT

    @property
    def words(self) -> str:
        """The project, in words for people."""
        return f"Label Studio, project {self.project}" + (f" ({self.title})" if self.title else "")

    def read(self) -> dict[str, Any]:
        """Return what was noted of it; nothing where there is none or it is damaged."""
        return _read(self.place / _NOTE)

    def note(self, **values: object) -> None:
        """Note something of it, beside what was noted before.

        Raises
        ------
        AnnotriageError
            The user's folder cannot be written.
        """
        try:
            self.place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _cannot_make(self.place, error) from None
        own = {
            "folder": identity(self.folder),
            "address": self.address,
            "project": self.project,
            "title": self.title or self.read().get("title", ""),
        }
        write_whole(self.place / _NOTE, json_bytes(self.read() | values | own))

    def note_sent(self, chosen: dict[str, Any]) -> None:
        """Note that something was sent now, and what was chosen for it."""
        self.note(sent=datetime.now(UTC).isoformat(), chosen=chosen)


def links_of(folder: Path) -> list[Link]:
    """Return the projects that a folder was sent to, the one of the last send first."""
    wanted = identity(folder)
    found = []
    try:
        notes = list((user_folder() / _FOLDER).glob(f"*/{_NOTE}"))
    except OSError:
        return []
    for path in notes:
        held = _read(path)
        if held.get("folder") == wanted and isinstance(held.get("project"), int):
            link = Link(folder, str(held.get("address") or ""), held["project"], str(held.get("title") or ""))
            found.append((str(held.get("sent") or ""), link))
    return [link for _, link in sorted(found, key=lambda each: each[0], reverse=True)]


@contextmanager
def one_at_a_time(address: str, project: int) -> Iterator[None]:
    """Let nobody else on this computer send to a project meanwhile.

    Raises
    ------
    AnnotriageError
        Somebody does.
    """
    from filelock import FileLock, Timeout

    key = hashlib.sha256(f"{server_key(address)}\n{project}".encode()).hexdigest()[:16]
    folder = user_folder() / _FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_make(folder, error) from None
    lock = FileLock(folder / f"{key}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AnnotriageError(
            f"Another send to project {project} of {address} is under way on this computer: wait for its end."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _read(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}


def _cannot_make(folder: Path, error: OSError) -> AnnotriageError:
    return AnnotriageError(f"{folder} cannot be made ({error.strerror}); check the disk and its permissions.")
