"""What people drew in a project, as one file that Label Studio itself could have exported: a task a line.

So that a fetch takes over what did not change without reading it, and a project of any size needs little memory.
"""

import contextlib
import json
import os
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.connection import Person


class ExportWriter:
    """The next state of the file, which takes the place of the one before when all of it is there.

    Parameters
    ----------
    path : Path
        The file; its folder exists.

    Raises
    ------
    AnnotriageError
        From every method: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = path.with_name(f".{secrets.token_hex(8)}.part")
        self._begun = False
        try:
            self._file = self._beside.open("xb")
            self._file.write(b"[")
        except OSError as error:
            raise _trouble(path, error) from None

    def add(self, task: Mapping[str, Any]) -> None:
        """Write a task."""
        self._line(json.dumps(task, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace"))

    def take_over(self, others: Collection[int]) -> None:
        """Take over the tasks of the file before, but for `others`, which are new or gone."""
        for number, line in _lines(self._path):
            if number not in others:
                self._line(line)

    def finish(self) -> None:
        """Put it in its place."""
        try:
            self._file.write(b"\n]\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self._beside, self._path)
        except OSError as error:
            self.drop()
            raise _trouble(self._path, error) from None

    def drop(self) -> None:
        """Leave the file as it was."""
        with contextlib.suppress(OSError):
            self._file.close()
            self._beside.unlink()

    def _line(self, line: bytes) -> None:
        try:
            self._file.write((b",\n" if self._begun else b"\n") + line)
        except OSError as error:
            self.drop()
            raise _trouble(self._path, error) from None
        self._begun = True


def numbers_in(path: Path) -> set[int]:
    """Return the numbers of the tasks that the file holds; none where there is no such file."""
    return {number for number, _ in _lines(path)}


def tasks_in(path: Path, wanted: Collection[int] | None = None) -> Iterator[dict[str, Any]]:
    """Yield the tasks of the file, one in memory at a time.

    Parameters
    ----------
    path : Path
    wanted : collection of int or None
        Their numbers; None: all.
    """
    for number, line in _lines(path):
        if wanted is None or number in wanted:
            yield json.loads(line)


def with_people(task: dict[str, Any], people: Mapping[int, Person]) -> dict[str, Any]:
    """Say who drew by name and address, as Label Studio does in its larger exports, in the place of a number."""
    for annotation in task.get("annotations") or ():
        number = annotation.get("completed_by") if isinstance(annotation, dict) else None
        person = people.get(number) if isinstance(number, int) else None
        if person is not None:
            # The prediction that stands in each annotation was sent by us.
            annotation.pop("prediction", None)
            named = {} if person.name == person.email else {"first_name": person.name, "last_name": ""}
            annotation["completed_by"] = {"id": person.number, "email": person.email} | named
    return task


def _lines(path: Path) -> Iterable[tuple[int, bytes]]:
    """Yield each task's number and line; nothing of a file that is damaged, or not ours: it is fetched again."""
    try:
        with path.open("rb") as file:
            if file.readline() != b"[\n":
                return
            for line in file:
                text = line.rstrip(b",\n")
                if text == b"]":
                    return
                yield int(text[len(b'{"id":') :].split(b",", 1)[0]), text
    except (OSError, ValueError):
        return


def _trouble(path: Path, error: OSError) -> AnnotriageError:
    return AnnotriageError(f"{path} cannot be written ({error.strerror}); check the disk and its permissions.")
