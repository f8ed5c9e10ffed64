"""How a sheet of a workbook is named after its file: ``book.xlsx#Round 2``."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape
from pathlib import Path

WORKBOOKS = (".xlsx", ".xlsm")
_MOST = 1_000_000
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_VALUE = re.compile(r"""(?:\w+:)?(\w+)\s*=\s*["']([^"']*)["']""")
_CELL = re.compile(r"<(?:\w+:)?(?:v|is|f)\b")


def file_and_sheet(path: Path) -> tuple[Path, str | None]:
    """Take the name of a sheet off a path; None: it names none.

    A file that is really called so is meant itself.
    """
    if "#" not in path.name or path.exists():
        return path, None
    name = path.name
    marks = [place for place, letter in enumerate(name) if letter == "#" and place]
    # Names of files and of sheets may hold the mark as well.
    place = next((each for each in marks if path.with_name(name[:each]).is_file()), marks[-1] if marks else 0)
    return (path.with_name(name[:place]), name[place + 1 :]) if place else (path, None)


def sheet_names(path: Path) -> list[str]:
    """Return the visible sheets of a workbook that hold anything; none where it is no workbook that can be read.

    Only the beginning of each sheet is read: this takes milliseconds, whatever the size.
    """
    try:
        if path.suffix.lower() not in WORKBOOKS or not path.is_file() or not zipfile.is_zipfile(path):
            return []
        with zipfile.ZipFile(path) as archive:
            targets = dict(_targets(_head(archive, "xl/_rels/workbook.xml.rels")))
            names = []
            for name, relation in _visible(_head(archive, "xl/workbook.xml")):
                target = targets.get(relation, "")
                part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                if "chartsheet" not in part and _CELL.search(_head(archive, part)):
                    names.append(name)
            return names
    except (OSError, KeyError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        return []


def _head(archive: zipfile.ZipFile, part: str) -> str:
    with archive.open(part) as file:
        return file.read(_MOST).decode("utf-8", "replace")


def _targets(xml: str) -> Iterator[tuple[str, str]]:
    for tag in _RELATION.findall(xml):
        values = dict(_VALUE.findall(tag))
        yield values.get("Id", ""), unescape(values.get("Target", ""))


def _visible(xml: str) -> Iterator[tuple[str, str]]:
    for tag in _SHEET.findall(xml):
        values = dict(_VALUE.findall(tag))
        if values.get("state", "visible") == "visible":
            yield unescape(values.get("name", "")), values.get("id", "")
