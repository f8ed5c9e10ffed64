"""The tables beside images of the ISIC Archive: what is known of them, whose they are, and under which licence."""

import csv
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.tables import csv_bytes, without_guard
from annotriage.writing import write_whole

METADATA = "metadata.csv"
ATTRIBUTION = "attribution.csv"
LICENSES = "licenses"
ATTRIBUTION_COLUMNS = ("isic_id", "file", "attribution", "copyright_license", "license_url")
_FIRST = ("isic_id", "attribution", "copyright_license")  # as isic-cli writes them
_ADDRESSES = {
    "CC-0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-NC": "https://creativecommons.org/licenses/by-nc/4.0/",
}


class IsicTables:
    """Collect what the Archive says of the images that are in a folder, then write it beside them.

    What earlier fetches wrote of other images stays. Records wait on the disk, so that a fetch of all images of the
    Archive does not hold them in memory.

    Parameters
    ----------
    folder : Path
        Where the images are.

    Attributes
    ----------
    licenses : set of str
        Under which the images are.

    Raises
    ------
    AnnotriageError
        The folder holds other tables of these names.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.licenses: set[str] = set()
        self._ids: set[str] = set()
        for name in (METADATA, ATTRIBUTION):
            if (header := _header(folder / name)) and "isic_id" not in header:
                raise AnnotriageError(
                    f"{folder / name} is not a table of images of the ISIC Archive: choose another folder to fetch to."
                )
        self._spool = tempfile.TemporaryFile("w+", encoding="utf-8")

    def add(self, record: dict[str, Any], file: str) -> None:
        """Note an image that is in the folder.

        Parameters
        ----------
        record : dict
            As the Archive's API gave it.
        file : str
            The image's name in the folder.
        """
        row = {name: _text(record.get(name)) for name in _FIRST}
        row["file"] = file
        parts = record.get("metadata")
        known: dict[str, str] = {}
        for part in parts.values() if isinstance(parts, dict) else ():
            if isinstance(part, dict):
                known |= {str(name): _text(value) for name, value in part.items() if value is not None}
        self._ids.add(row["isic_id"])
        self.licenses.add(row["copyright_license"])
        self._spool.write(json.dumps([row, known]) + "\n")

    def write(self) -> None:
        """Write both tables, whole.

        Raises
        ------
        AnnotriageError
            The folder cannot be written.
        """
        if not self._ids:
            return
        columns = {name for _, known in self._records() for name in known}
        columns |= set(_header(self._folder / METADATA)) - set(_FIRST)
        rows = ({**known, **{name: row[name] for name in _FIRST}} for row, known in self._records())
        self._write(METADATA, (*_FIRST, *sorted(columns)), rows)
        rows = (row | {"license_url": _ADDRESSES.get(row["copyright_license"], "")} for row, _ in self._records())
        self._write(ATTRIBUTION, ATTRIBUTION_COLUMNS, rows)

    def write_license(self, name: str, text: str) -> None:
        """Write the text of a licence into the folder's ``licenses``."""
        path = self.license_path(name)
        if path is not None:
            try:
                path.parent.mkdir(exist_ok=True)
            except OSError as error:
                raise AnnotriageError(f"{path.parent} cannot be made ({error.strerror}).") from None
            write_whole(path, text.encode())

    def license_path(self, name: str) -> Path | None:
        """Return where the text of a licence belongs; None where its name cannot be a file's."""
        return self._folder / LICENSES / f"{name}.txt" if re.fullmatch(r"[A-Za-z0-9][\w.-]*", name, re.ASCII) else None

    def close(self) -> None:
        """Let go of the records."""
        self._spool.close()

    def _records(self) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
        self._spool.seek(0)
        seen: set[str] = set()
        for line in self._spool:
            row, known = json.loads(line)
            if row["isic_id"] not in seen:
                seen.add(row["isic_id"])
                yield row, known

    def _write(self, name: str, columns: tuple[str, ...], rows: Iterable[dict[str, str]]) -> None:
        known = (row for row in _rows(self._folder / name) if row["isic_id"] not in self._ids)
        cells = ([row.get(column, "") for column in columns] for row in chain(known, rows))
        write_whole(self._folder / name, csv_bytes(columns, cells))


def _header(path: Path) -> list[str]:
    """Return a table's columns, none where there is no table."""
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
            return [without_guard(column) for column in next(csv.reader(file), [])]
    except FileNotFoundError:
        return []
    except (OSError, csv.Error) as error:
        raise AnnotriageError(f"The table {path} cannot be read ({error}); move it away or mend it.") from None


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.exists():
        with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
            for row in csv.DictReader(file, restval=""):
                yield {without_guard(key): without_guard(value) for key, value in row.items() if isinstance(key, str)}


def _text(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "" if value is None else str(value)
