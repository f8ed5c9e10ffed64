"""The list of the images and decisions, for people and programs."""

from typing import TYPE_CHECKING

from annotriage.scoring.table_files import Value, write_table
from annotriage.triage.columns import list_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from annotriage.triage.ranking import ReviewedImage


def write_list(
    rows: "Sequence[ReviewedImage]",
    path: "Path",
    *,
    about: "Mapping[str, Value] | None" = None,
    for_annotators: bool = False,
) -> None:
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
    for_annotators : bool
        It goes to those who draw, and does not say which images chance chose: that would bias them.

    Raises
    ------
    AnnotriageError
        The ending is none of these, or the file cannot be written.
    """
    origin = dict(about or {})
    columns = list_columns(for_annotators=for_annotators)
    lines = [{column.key: column.value_of(row) for column in columns} | origin for row in rows]
    free_text = tuple(column.key for column in columns if column.is_free_text)
    write_table(lines, (*(column.key for column in columns), *origin), path, title="Images", free_text=free_text)
