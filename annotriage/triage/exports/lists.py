"""The list of the images and decisions, for people and programs."""

from typing import TYPE_CHECKING

from annotriage.scoring.table_files import Value, write_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from annotriage.triage.exports.reviewed import ReviewedImage

LIST_COLUMNS = (
    "rank",
    "image",
    "predicted_dice",
    "disagreement",
    "lower",
    "upper",
    "decision",
    "assignee",
    "note",
    "error",
)
FREE_TEXT = ("assignee", "note")


def write_list(rows: "Sequence[ReviewedImage]", path: "Path", *, about: "Mapping[str, Value] | None" = None) -> None:
    """Write a list as CSV, JSON or XLSX, by the ending of `path`; the file appears whole or not at all.

    `read_decisions` reads it back: the same decisions, people and notes, white space around these left aside.

    Parameters
    ----------
    rows : sequence of ReviewedImage
        In the order wanted.
    path : Path
        An existing file is replaced.
    about : mapping of str to str, float or None, or None
        Further columns, which say the same in each line: where the list comes from.

    Raises
    ------
    AnnotriageError
        The ending is none of these, or the file cannot be written.
    """
    origin = dict(about or {})
    columns = (*LIST_COLUMNS, *origin)
    write_table([_cells(row) | origin for row in rows], columns, path, title="Images", free_text=FREE_TEXT)


def _cells(row: "ReviewedImage") -> dict[str, Value]:
    return {column: getattr(row, column) for column in LIST_COLUMNS} | {"decision": row.decision.value}
