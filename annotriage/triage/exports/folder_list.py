"""The list in a folder of exported images: it goes on naming what earlier exports and people put there."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.tables import name_cell
from annotriage.triage.columns import list_columns
from annotriage.triage.exports.lists import write_list
from annotriage.writing import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from annotriage.scoring.table_files import Value
    from annotriage.triage.ranking import ReviewedImage

FILE_NAME = "list.csv"
OTHER = "Another file of this name is in the folder; it was left as it is."
_MARK = "\ufeff"
_FIRST = "rank,image,predicted_dice,disagreement,lower,upper,decision,assignee,note,error"
"""What lists of ours began with from the beginning; columns that came later stand behind."""


def is_ours(folder: Path) -> bool:
    """Say whether the folder's list is one of ours, or not there yet.

    Raises
    ------
    OSError
        It cannot be read.
    """
    try:
        with (folder / FILE_NAME).open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        return True
    return head.decode("utf-8", "replace").lstrip(_MARK).startswith(_FIRST)


def add_to_list(rows: "Sequence[ReviewedImage]", folder: Path, about: "Mapping[str, Value] | None" = None) -> int:
    """Name images in the folder's list, which is one of ours or not there yet; return how many it names then.

    Lines about other images stay as they are, further columns too; of these images there are new lines,
    with what is said `about` each of them.

    Raises
    ------
    OSError, AnnotriageError
        It cannot be read, or not be written; then it is as it was.
    """
    path = folder / FILE_NAME
    try:
        earlier = path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        write_list(rows, path, about=about, for_annotators=True)
        return len(rows)
    header, *lines = list(csv.reader(io.StringIO(earlier.lstrip(_MARK), newline=""))) or [[]]
    place = header.index("image")
    new = {name_cell(row.image) for row in rows}
    kept = [line for line in lines if len(line) > place and line[place] not in new]
    if not kept and set(header) <= {column.key for column in list_columns(for_annotators=True)} | {*(about or {})}:
        write_list(rows, path, about=about, for_annotators=True)
        return len(rows)
    _write_merged(rows, path, header, kept, about, mark=earlier.startswith(_MARK))
    return len(rows) + len(kept)


def _write_merged(
    rows: "Sequence[ReviewedImage]",
    path: Path,
    header: list[str],
    kept: list[list[str]],
    about: "Mapping[str, Value] | None",
    *,
    mark: bool,
) -> None:
    """Write new lines below those that stay."""
    beside = path.with_name(f".{path.name}.new.csv")
    beside.unlink(missing_ok=True)
    try:
        write_list(rows, beside, about=about, for_annotators=True)
        ours, *added = csv.reader(io.StringIO(beside.read_bytes().decode().lstrip(_MARK), newline=""))
    finally:
        beside.unlink(missing_ok=True)
    columns = list(dict.fromkeys([*header, *ours]))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for names, lines in ((header, kept), (ours, added)):
        for line in lines:
            values = dict(zip(names, line, strict=False))
            writer.writerow([*(values.get(column, "") for column in columns), *line[len(names) :]])
    write_whole(
        path,
        ((_MARK if mark or not text.getvalue().isascii() else "") + text.getvalue()).encode("utf-8", "surrogateescape"),
    )
